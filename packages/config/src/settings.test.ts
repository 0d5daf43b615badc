import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rootCertificates } from "node:tls";
import { isDarkroomError } from "@darkroom/core";
import { REDIS_URL_FORMS } from "@darkroom/redis-kit/redis-address";
import { describe, expect, test } from "vitest";
import { SETTINGS, type SettingName } from "./catalogue.ts";
import type { Environment } from "./read-environment.ts";
import { readEngineSettings } from "./read-settings.ts";
import { laneNames } from "./settings.ts";

const TWIN: Environment = { DARKROOM_TWIN: "true", EACHLABS_BASE_URL: "http://127.0.0.1:4790" };

/** Returns the lines of the error without its heading; empty if the settings are valid. */
function problems(environment: Environment): string[] {
  try {
    readEngineSettings(environment);
    return [];
  } catch (error) {
    if (!isDarkroomError(error, "invalid_settings")) throw error;
    return error.message.split("\n").slice(1);
  }
}

test("an empty environment gives the catalogue's defaults", () => {
  const settings = readEngineSettings({});
  expect(settings).toMatchObject({
    redis: { url: SETTINGS.REDIS_URL.default, namespace: "darkroom", allowUnsafe: false },
    s3: {},
    local: { roots: [] },
    providers: { twin: false, accounts: [], prices: {}, allowPrivateSources: false },
    lane: { concurrency: 10, outage: { failures: 10, windowMs: 60_000 } },
    timing: {
      attempts: 5,
      backoff: { baseMs: 15_000, capMs: 600_000 },
      deadlineMs: 900_000,
      idleMs: 300_000,
      lockMs: 20_000,
      graceMs: 25_000,
    },
    api: { host: "127.0.0.1", port: 8_080 },
    dataDir: ".darkroom",
    log: { level: "info" },
  });
  expect(Object.keys(settings.s3)).toEqual([]);
  expect(settings.lane).not.toHaveProperty("ratePerMinute");
  expect(settings.lane).not.toHaveProperty("workerConcurrency");
});

test("an empty or blank variable counts as unset", () => {
  const { linkSecret: _, ...local } = readEngineSettings({}).local;
  const blank = Object.fromEntries(Object.keys(SETTINGS).map((name, at) => [name, at % 2 === 0 ? "" : "  "]));
  const settings = readEngineSettings(blank);
  expect({ ...settings, local: null }).toEqual({ ...readEngineSettings({}), local: null });
  expect(settings.local).toMatchObject(local);
});

test.each([
  [undefined, ","],
  ["comma", ","],
  ["semicolon", ";"],
  ["tab", "\t"],
])("DARKROOM_CSV_SEPARATOR=%s separates reports by %j", (value, separator) => {
  expect(readEngineSettings({ DARKROOM_CSV_SEPARATOR: value }).csvSeparator).toBe(separator);
});

test("a separator is set by its name, so that no shell interprets it", () => {
  expect(problems({ DARKROOM_CSV_SEPARATOR: ";" })).toEqual([
    expect.stringMatching(/DARKROOM_CSV_SEPARATOR must be one of comma, semicolon, tab; it is ";"/),
  ]);
});

test("reports all problems at once, with what was expected and what was found", () => {
  const told = problems({
    DARKROOM_ATTEMPTS: "many",
    DARKROOM_PORT: "70000",
    DARKROOM_TWIN: "perhaps",
    DARKROOM_LOG_LEVEL: "loud",
    REDIS_URL: "http://localhost",
    DARKROOM_PRICES: "cheap",
  });
  expect(told.map((line) => line.trim()).toSorted()).toEqual([
    'DARKROOM_ATTEMPTS must be a whole number from 1 to 50; it is "many"',
    'DARKROOM_LOG_LEVEL must be one of trace, debug, info, warn, error, silent; it is "loud"',
    'DARKROOM_PORT must be a whole number from 0 to 65535; it is "70000"',
    'DARKROOM_PRICES must be JSON like {"each-sense":{"max":0.2,"eco":0.05},"phota":{"image":0.1}} (it is not JSON); it is "cheap"',
    'DARKROOM_TWIN must be true or false; it is "perhaps"',
    `REDIS_URL must be ${REDIS_URL_FORMS}.`,
  ]);
});

const INTEGERS = (Object.keys(SETTINGS) as SettingName[]).filter((name) => SETTINGS[name].kind === "integer");

test.each(INTEGERS)("rejects a bad number in %s instead of using the default", (name) => {
  for (const text of ["ten", "1.5", "-1", "1e3", "0x10", "9".repeat(20), "10 s", "NaN"]) {
    expect(problems({ [name]: text })).toEqual([expect.stringContaining(`${name} must be a whole number`)]);
  }
});

test("does not repeat the values of secrets and URLs", () => {
  const told = problems({
    REDIS_URL: "http://user:hunter2@cache.example",
    EACHLABS_BASE_URL: "ftp://user:hunter2@provider.example",
    AWS_ENDPOINT_URL_S3: "hunter2",
    DARKROOM_PUBLIC_URL: "user:hunter2@host",
    DARKROOM_API_KEY: "hunter2",
    EACHLABS_API_KEY: "hunter2",
    AWS_SECRET_ACCESS_KEY: "hunter2",
    DARKROOM_LINK_SECRET: "hunter2",
    DARKROOM_ATTEMPTS: "0",
  });
  expect(told).toHaveLength(7);
  expect(told.join()).not.toContain("hunter2");
});

describe("time limits", () => {
  test("rejects a deadline that is too short for a real provider without the simulator", () => {
    expect(problems({ DARKROOM_DEADLINE_MS: "599999" })).toEqual([
      expect.stringContaining("DARKROOM_DEADLINE_MS must be at least 600000"),
    ]);
    expect(problems({ DARKROOM_DEADLINE_MS: "600000" })).toEqual([]);
  });

  test("accepts a short deadline with the simulator, and shrinks the default idle limit with it", () => {
    const { timing } = readEngineSettings({ ...TWIN, DARKROOM_DEADLINE_MS: "5000" });
    expect(timing).toMatchObject({ deadlineMs: 5_000, idleMs: 5_000, lockMs: 20_000 });
  });

  test("rejects an idle limit longer than the deadline", () => {
    expect(problems({ DARKROOM_DEADLINE_MS: "700000", DARKROOM_IDLE_MS: "700001" })).toEqual([
      expect.stringContaining("DARKROOM_IDLE_MS must be at most DARKROOM_DEADLINE_MS (700000)"),
    ]);
    expect(problems({ DARKROOM_DEADLINE_MS: "700000", DARKROOM_IDLE_MS: "700000" })).toEqual([]);
  });

  test("reports an unreadable deadline as one problem, not several", () => {
    expect(problems({ DARKROOM_DEADLINE_MS: "x", DARKROOM_IDLE_MS: "700000", DARKROOM_LOCK_MS: "30000" })).toHaveLength(
      1,
    );
  });

  test("rejects a lock longer than both the deadline and the default lock", () => {
    const short = { ...TWIN, DARKROOM_DEADLINE_MS: "5000" };
    expect(problems({ ...short, DARKROOM_LOCK_MS: "20001" })).toEqual([
      expect.stringContaining("DARKROOM_LOCK_MS must be at most 20000"),
    ]);
    expect(problems({ ...short, DARKROOM_LOCK_MS: "20000" })).toEqual([]);
    expect(problems({ DARKROOM_LOCK_MS: "600000" })).toEqual([]);
  });
});

describe("prices", () => {
  test("are read as written", () => {
    const prices = { "each-sense": { max: 0.2, eco: 0 }, phota: { image: 0.1, images: { "2": 0.18 } } };
    expect(readEngineSettings({ DARKROOM_PRICES: JSON.stringify(prices) }).providers.prices).toEqual(prices);
    const one = { "each-sense": { max: 0.2, eco: 0.05 } };
    expect(readEngineSettings({ DARKROOM_PRICES: JSON.stringify(one) }).providers.prices).toEqual(one);
    expect(readEngineSettings({ DARKROOM_PRICES: "{}" }).providers.prices).toEqual({});
  });

  test("are read from a file, which must exist, contain a table, and be the only one", async () => {
    const folder = await mkdtemp(join(tmpdir(), "prices-"));
    try {
      const path = join(folder, "prices.json");
      await writeFile(path, '{"phota":{"image":0.12}}\n');
      const file = { DARKROOM_PRICES_FILE: path };
      expect(readEngineSettings(file).providers.prices).toEqual({ phota: { image: 0.12 } });
      expect(problems({ ...file, DARKROOM_PRICES: "{}" })).toEqual([
        expect.stringContaining("there is one price table"),
      ]);
      await writeFile(path, '{"phota":{"eco":0.12}}');
      expect(problems(file)).toEqual([
        expect.stringMatching(/PRICES_FILE must be a file of JSON .*phota does not support eco/),
      ]);
      expect(problems({ DARKROOM_PRICES_FILE: join(folder, "none.json") })).toEqual([
        expect.stringMatching(/PRICES_FILE must be a readable file/),
      ]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test.each([
    ['{"each-sense":{"max":"0.2"}}', "each-sense.max must be a number of USD, 0 or more"],
    ['{"each-sense":{"turbo":1}}', "each-sense does not support turbo: it takes max and eco, in USD a turn"],
    ['{"phota":{"eco":0.1}}', "phota does not support eco: it takes image, in USD a picture"],
    [
      '{"phota":{"images":{"5":1}}}',
      "phota.images does not support 5: it takes the prices of calls for 1 to 4 pictures",
    ],
    ['{"phota":0.1}', "phota must be an object: it takes image"],
    ['{"elsewhere":{}}', "the table does not support elsewhere: it takes each-sense and phota"],
  ])("rejects %s, saying what is wrong and what is valid", (text, said) => {
    expect(problems({ DARKROOM_PRICES: text })).toEqual([expect.stringContaining(said)]);
  });

  test.each([
    "0.2",
    "null",
    "[]",
    '"each-sense"',
    '{"each-sense":0.2}',
    '{"each-sense":null}',
    '{"each-sense":[]}',
    '{"each-sense":{"max":"0.2"}}',
    '{"each-sense":{"max":-1}}',
    '{"each-sense":{"max":1e999}}',
    '{"each-sense":{"turbo":1}}',
    '{"elsewhere":{"max":1}}',
  ])("rejects %s as a price table", (text) => {
    expect(problems({ DARKROOM_PRICES: text })).toEqual([expect.stringContaining("DARKROOM_PRICES must be JSON like")]);
  });
});

describe("providers", () => {
  test("creates a lane for a key, and another one for the simulator", () => {
    expect(laneNames(readEngineSettings({}))).toEqual({});
    expect(laneNames(readEngineSettings({ EACHLABS_API_KEY: "k" }))).toEqual({ "each-sense": "each-sense" });
    expect(laneNames(readEngineSettings({ ...TWIN, EACHLABS_API_KEY: "k" }))).toEqual({ "each-sense": "twin" });
  });

  test("creates a separate lane for Phota's key, and another one for the simulator", () => {
    const both = { EACHLABS_API_KEY: "k", PHOTA_API_KEY: "p" };
    expect(laneNames(readEngineSettings(both))).toEqual({ "each-sense": "each-sense", phota: "phota" });
    expect(readEngineSettings({ PHOTA_API_KEY: " p ", PHOTA_RESPONSE_MODE: "bytes" }).providers.accounts).toEqual([
      {
        provider: "phota",
        lane: "phota",
        apiKey: "p",
        baseUrl: "https://api.photalabs.com",
        responseMode: "bytes",
        concurrency: 10,
      },
    ]);
    const twin = readEngineSettings({ ...TWIN, ...both, PHOTA_BASE_URL: "http://127.0.0.1:4790" });
    expect(laneNames(twin)).toEqual({ "each-sense": "twin", phota: "twin-phota" });
    expect(twin.providers.accounts[1]).toMatchObject({ provider: "phota", responseMode: "urls" });
  });

  test.each([undefined, "https://api.photalabs.com", "https://eu.PhotaLabs.com/x"])(
    "never sends a Phota key to the paid provider while the simulator is set: %s",
    (PHOTA_BASE_URL) => {
      expect(problems({ ...TWIN, PHOTA_API_KEY: "p", PHOTA_BASE_URL })).toEqual([
        expect.stringMatching(/PHOTA_BASE_URL must be the twin's URL and not the paid provider's/),
      ]);
      expect(problems({ ...TWIN, PHOTA_BASE_URL })).toEqual([]);
    },
  );

  test("rejects the simulator without its URL, because its work would go to the paid provider", () => {
    expect(problems({ DARKROOM_TWIN: "true" })).toEqual([
      expect.stringContaining("EACHLABS_BASE_URL must be the twin's"),
    ]);
  });

  test.each(["https://sense.eachlabs.run", "https://eachsense-agent.core.eachlabs.run/", "https://API.EACHLABS.AI"])(
    "never accepts the paid provider's address as the simulator's: %s",
    (EACHLABS_BASE_URL) => {
      expect(problems({ DARKROOM_TWIN: "true", EACHLABS_BASE_URL })).toEqual([
        expect.stringContaining("not the paid provider's"),
      ]);
      expect(problems({ EACHLABS_BASE_URL })).toEqual([]);
    },
  );

  test("reads key, URL and dialect together", () => {
    const { providers } = readEngineSettings({
      ...TWIN,
      EACHLABS_API_KEY: " k ",
      EACHLABS_DIALECT: "chat-completions",
    });
    expect(providers.accounts).toEqual([
      {
        provider: "each-sense",
        lane: "twin",
        apiKey: "k",
        baseUrl: "http://127.0.0.1:4790",
        dialect: "chat-completions",
        storageUrl: "http://127.0.0.1:4790",
        concurrency: 10,
      },
    ]);
  });

  test("never puts the simulator's pictures into the provider's storage", () => {
    const EACHLABS_STORAGE_URL = "https://api.eachlabs.ai";
    expect(problems({ ...TWIN, EACHLABS_STORAGE_URL })).toEqual([
      expect.stringContaining("EACHLABS_STORAGE_URL must be the twin's URL"),
    ]);
    const accounts = (more: Environment) => readEngineSettings({ EACHLABS_API_KEY: "k", ...more }).providers.accounts;
    expect(accounts({ EACHLABS_STORAGE_URL })).toMatchObject([{ storageUrl: EACHLABS_STORAGE_URL }]);
    expect(accounts({})[0]).not.toHaveProperty("storageUrl");
    const own = "http://127.0.0.1:4791";
    expect(accounts({ ...TWIN, EACHLABS_STORAGE_URL: own })).toMatchObject([{ storageUrl: own }]);
  });
});

describe("stores", () => {
  test("uses path-style addresses for a custom S3 endpoint by default", () => {
    const endpoint = { AWS_ENDPOINT_URL_S3: "http://127.0.0.1:9000" };
    expect(readEngineSettings(endpoint).s3).toEqual({ endpoint: "http://127.0.0.1:9000", forcePathStyle: true });
    expect(readEngineSettings({ ...endpoint, DARKROOM_S3_PATH_STYLE: "no" }).s3.forcePathStyle).toBe(false);
  });

  test("reads local folders as a list, or any", () => {
    expect(readEngineSettings({ DARKROOM_LOCAL_ROOTS: "/a, /b c,," }).local.roots).toEqual(["/a", "/b c"]);
    expect(readEngineSettings({ DARKROOM_LOCAL_ROOTS: "any" }).local.roots).toBe("any");
  });

  test("lets manifests name nothing, prefixes, or any store outside their base", () => {
    const read = (DARKROOM_MANIFEST_SOURCES?: string) =>
      readEngineSettings({ DARKROOM_MANIFEST_SOURCES }).manifestSources;
    expect(read()).toEqual([]);
    expect(read("s3://archive/2025, file:///srv/shared/,")).toEqual(["s3://archive/2025", "file:///srv/shared/"]);
    expect(read("any")).toBe("any");
    for (const wrong of ["archive/2025", "s3://", "s3:///a/", "https://host/", "s3://a/../b/", "file://host/a/"]) {
      expect(problems({ DARKROOM_MANIFEST_SOURCES: wrong })[0]).toContain("prefixes like s3://bucket/folder/");
    }
  });

  test("creates a new link secret at each start by default", () => {
    const secrets = [1, 2].map(() => readEngineSettings({}).local.linkSecret);
    expect(secrets[0]).toMatch(/^[0-9a-f]{64}$/);
    expect(secrets[0]).not.toBe(secrets[1]);
    const DARKROOM_LINK_SECRET = "sixteen letters!";
    expect(readEngineSettings({ DARKROOM_LINK_SECRET }).local.linkSecret).toBe(DARKROOM_LINK_SECRET);
  });

  test("rejects a link secret that could be guessed", () => {
    expect(problems({ DARKROOM_LINK_SECRET: "fifteen letters" })).toEqual([
      "  DARKROOM_LINK_SECRET must be at least 16 characters long; its value is something else",
    ]);
  });

  test("rejects half a pair of S3 keys instead of using another identity", () => {
    const id = { AWS_ACCESS_KEY_ID: "AKIA" };
    const secret = { AWS_SECRET_ACCESS_KEY: "s" };
    expect(problems(id)).toEqual([expect.stringContaining("AWS_SECRET_ACCESS_KEY must be set")]);
    expect(problems(secret)).toEqual([expect.stringContaining("AWS_ACCESS_KEY_ID must be set")]);
    expect(readEngineSettings({ ...id, ...secret }).s3).toEqual({ accessKeyId: "AKIA", secretAccessKey: "s" });
  });

  test.each(["{darkroom}", "a:b", "-a", "a b", "x".repeat(65)])("rejects %j as a namespace", (DARKROOM_NAMESPACE) => {
    expect(problems({ DARKROOM_NAMESPACE })).toEqual([expect.stringContaining("DARKROOM_NAMESPACE must be")]);
  });

  test("accepts a namespace with dots, dashes and underscores", () => {
    expect(readEngineSettings({ DARKROOM_NAMESPACE: "studio-1.eu_west" }).redis.namespace).toBe("studio-1.eu_west");
  });
});

describe("Redis", () => {
  test.each([
    "redis+sentinel://user:hunter2@s1,s2/main",
    "rediss+cluster://user:hunter2@n1,n2",
    "rediss://:hunter2@cache:6380/1",
  ])("accepts %s unchanged", (REDIS_URL) => {
    expect(readEngineSettings({ REDIS_URL }).redis).toMatchObject({ url: REDIS_URL, access: {} });
  });

  test.each(["redis+sentinel://user:hunter2@s1,s2", "redis://user:hunter2@a,b", "redis+cluster://user:hunter2@n1/1"])(
    "rejects %s by name, without its password",
    (REDIS_URL) => {
      const told = problems({ REDIS_URL });
      expect(told).toEqual([expect.stringMatching(/^ {2}REDIS_URL (must|names) /)]);
      expect(told.join()).not.toContain("hunter2");
    },
  );

  test("passes on the certificate file and the Sentinels' credentials", async () => {
    const [ca = ""] = rootCertificates;
    const folder = await mkdtemp(join(tmpdir(), "darkroom-config-"));
    try {
      const DARKROOM_REDIS_CA_FILE = join(folder, "ca.pem");
      await writeFile(DARKROOM_REDIS_CA_FILE, ca);
      const DARKROOM_SENTINEL_USERNAME = "watcher";
      const DARKROOM_SENTINEL_PASSWORD = "secret";
      expect(
        readEngineSettings({ DARKROOM_REDIS_CA_FILE, DARKROOM_SENTINEL_USERNAME, DARKROOM_SENTINEL_PASSWORD }).redis
          .access,
      ).toEqual({ ca, sentinelUsername: "watcher", sentinelPassword: "secret" });
      await writeFile(DARKROOM_REDIS_CA_FILE, "no certificate");
      expect(problems({ DARKROOM_REDIS_CA_FILE })).toEqual([
        expect.stringContaining("DARKROOM_REDIS_CA_FILE must be a file of PEM certificates"),
      ]);
      await rm(DARKROOM_REDIS_CA_FILE);
      expect(problems({ DARKROOM_REDIS_CA_FILE })).toEqual([expect.stringContaining("ENOENT")]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

test("reads proxies in either case, with or without a scheme, and rejects a wrong one without repeating it", () => {
  expect(readEngineSettings({}).proxy).toEqual({ bypass: [] });
  const env = {
    HTTPS_PROXY: "http://me:secret@proxy.test:3128",
    http_proxy: "proxy.test:3129",
    no_proxy: "a.test, .b",
  };
  expect(readEngineSettings(env).proxy).toEqual({
    https: "http://me:secret@proxy.test:3128/",
    http: "http://proxy.test:3129/",
    bypass: ["a.test", ".b"],
  });
  const [problem] = problems({ HTTPS_PROXY: "socks5://me:secret@proxy.test" });
  expect(problem).toMatch(/HTTPS_PROXY must be the address of an HTTP proxy/);
  expect(problem).not.toContain("secret");
});
