// Who may import whom. Tests may import what their package declares, dev dependencies too; these rules are for the rest.

/** The packages of ours that each of ours may import. An app may import every package that is not reserved below. */
export const MAY_IMPORT = {
  core: [],
  // Of redis-kit only the form of a URL, without its client.
  config: ["core", "redis-kit"],
  "redis-kit": ["core"],
  "web-fetch": ["core"],
  "provider-kit": ["core", "web-fetch"],
  ledger: ["core", "redis-kit"],
  lanes: ["core", "redis-kit"],
  storage: ["core", "web-fetch"],
  manifest: ["core"],
  imaging: ["core"],
  // The wiring that every process has: Redis, lanes and gates. No process has all of the rest.
  runtime: ["core", "lanes", "redis-kit"],
  "provider-each-sense": ["core", "provider-kit"],
  "provider-phota": ["core", "provider-kit"],
  // What the API and the producer have in common: a use of the ledger and the store, not an adapter.
  intake: ["core", "ledger", "manifest", "storage"],
  archive: ["core", "ledger", "manifest"],
  "local-stack": ["core"],
  testkit: ["core", "local-stack", "storage"],
};

/** Who may import apps: the CLI runs all of them in one process, the benchmarks start them, the simulation drives what decides in them, and the engine's tests prove them together. */
export const MAY_IMPORT_APPS = ["cli", "bench", "simulation", "engine-tests"];

/** Packages of ours that only these of ours may import. */
export const RESERVED = { testkit: [], "local-stack": ["cli", "bench", "simulation", "testkit"] };

/** Packages of others (a trailing `/` means a whole scope) that only these of ours may import, tests included. */
export const ONLY_IN = { bullmq: ["lanes", "bench"], "@aws-sdk/": ["storage"] };
