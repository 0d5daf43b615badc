// Import rules. Tests may import everything that their package declares, including dev dependencies. These rules apply
// to all other files.

/**
 * The packages that each of Darkroom's packages may import. An app may import every package that is not reserved below.
 */
export const MAY_IMPORT = {
  core: [],
  // From redis-kit, only the format of a URL, without its client.
  config: ["core", "redis-kit"],
  "redis-kit": ["core"],
  "web-fetch": ["core"],
  "provider-kit": ["core", "web-fetch"],
  ledger: ["core", "redis-kit"],
  lanes: ["core", "redis-kit"],
  access: ["core", "redis-kit"],
  webhooks: ["core", "redis-kit"],
  storage: ["core", "web-fetch"],
  manifest: ["core"],
  // Usable without the rest of Darkroom.
  client: [],
  imaging: ["core"],
  // Receives decoded pictures, and does not depend on Darkroom.
  faces: [],
  // The set-up that every process needs: Redis, lanes and gates. Everything else is specific to some processes.
  runtime: ["core", "lanes", "redis-kit"],
  "provider-each-sense": ["core", "provider-kit"],
  "provider-phota": ["core", "provider-kit"],
  // Shared by the API and the producer: uses the ledger and the store, but is not an adapter.
  intake: ["core", "ledger", "manifest", "storage"],
  archive: ["core", "ledger", "manifest"],
  "local-stack": ["core"],
  testkit: ["core", "local-stack", "storage"],
};

/**
 * Importers of apps: the CLI runs all of them in one process, the benchmarks start them, the simulation drives their
 * decisions, and the engine tests test them together.
 */
export const MAY_IMPORT_APPS = ["cli", "bench", "simulation", "engine-tests"];

/**
 * Apps that another app may import, as an exception to the rule that apps import no other apps: the API serves the
 * page's files.
 */
export const MAY_IMPORT_APP = { api: ["dashboard"] };

/** Packages that only these of Darkroom's packages may import. */
export const RESERVED = { testkit: [], "local-stack": ["cli", "bench", "simulation", "testkit"] };

/**
 * External packages (a trailing `/` means a whole scope) that only these of Darkroom's packages may import, including
 * tests.
 */
export const ONLY_IN = { bullmq: ["lanes", "bench"], "@aws-sdk/": ["storage"] };
