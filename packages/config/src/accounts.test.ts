import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isDarkroomError } from "@darkroom/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Environment } from "./read-environment.ts";
import { readEngineSettings } from "./read-settings.ts";
import { laneNames, laneProviders, limitsOfLane } from "./settings.ts";

let folder: string;
beforeAll(async () => (folder = await mkdtemp(join(tmpdir(), "accounts-"))));
afterAll(async () => await rm(folder, { recursive: true }));

const KEY = "es_live_0123456789abcdef";
const entry = (change: object = {}) => ({ lane: "b", provider: "each-sense", keyVariable: "B_KEY", ...change });
const list = (...entries: object[]): Environment => ({ DARKROOM_ACCOUNTS: JSON.stringify(entries), B_KEY: KEY });

function problems(environment: Environment): string {
  try {
    readEngineSettings(environment);
    return "";
  } catch (error) {
    if (!isDarkroomError(error, "invalid_settings")) throw error;
    return error.message;
  }
}

describe("a plan", () => {
  const limitsOf = (environment: Environment) =>
    limitsOfLane(readEngineSettings({ EACHLABS_API_KEY: KEY, ...environment }), "each-sense");

  test.each([
    ["free", { concurrency: 2, ratePerMinute: 10 }],
    ["pro", { concurrency: 10, ratePerMinute: 60 }],
    ["enterprise", { concurrency: 50, ratePerMinute: 300 }],
  ])("%s sets the limits of the account's lane", (plan, limits) => {
    expect(limitsOf({ EACHLABS_PLAN: plan })).toMatchObject(limits);
  });

  test("yields to each limit that is set explicitly", () => {
    expect(limitsOf({ EACHLABS_PLAN: "pro", DARKROOM_LANE_CONCURRENCY: "3" })).toMatchObject({
      concurrency: 3,
      ratePerMinute: 60,
    });
    expect(limitsOf({ EACHLABS_PLAN: "pro", DARKROOM_LANE_RATE_PER_MINUTE: "7" })).toMatchObject({
      concurrency: 10,
      ratePerMinute: 7,
    });
  });

  test("with an unknown name is rejected with the list of valid names", () => {
    expect(problems({ EACHLABS_PLAN: "gold" })).toContain(
      'EACHLABS_PLAN must be one of free, pro, enterprise; it is "gold"',
    );
  });
});

describe("listed accounts", () => {
  test("get their own lanes beside the default account, which stays first", () => {
    const settings = readEngineSettings({
      ...list(entry({ plan: "free" }), entry({ lane: "c", concurrency: 4, dialect: "chat-completions" })),
      EACHLABS_API_KEY: "the first key",
      DARKROOM_LANE_RATE_PER_MINUTE: "90",
    });
    expect(laneNames(settings)).toEqual({ "each-sense": "each-sense" });
    expect(laneProviders(settings)).toEqual({ "each-sense": "each-sense", b: "each-sense", c: "each-sense" });
    expect(settings.providers.accounts).toMatchObject([
      { lane: "each-sense", apiKey: "the first key", concurrency: 10, ratePerMinute: 90 },
      { lane: "b", apiKey: KEY, concurrency: 2, ratePerMinute: 10, dialect: "chat" },
      { lane: "c", apiKey: KEY, concurrency: 4, ratePerMinute: 90, dialect: "chat-completions" },
    ]);
    expect(limitsOfLane(settings, "c")).toMatchObject({ concurrency: 4, ratePerMinute: 90 });
    expect(limitsOfLane(settings, "of nobody")).toMatchObject({ concurrency: 10, ratePerMinute: 90 });
  });

  test("of Phota state their response mode", () => {
    const environment = list(
      entry({ provider: "phota", responseMode: "bytes" }),
      entry({ lane: "c", provider: "phota" }),
    );
    expect(readEngineSettings(environment).providers.accounts).toMatchObject([
      { lane: "b", provider: "phota", apiKey: KEY, responseMode: "bytes" },
      { lane: "c", provider: "phota", responseMode: "urls" },
    ]);
    expect(laneNames(readEngineSettings(environment))).toEqual({ phota: "b" });
  });

  test("can be the only accounts, and can be read from a file, with their keys in files", async () => {
    const [file, keyFile] = [join(folder, "accounts.json"), join(folder, "key")];
    await writeFile(keyFile, `${KEY}\n`);
    await writeFile(file, JSON.stringify([{ lane: "b", provider: "each-sense", keyFile }]));
    const settings = readEngineSettings({ DARKROOM_ACCOUNTS_FILE: file });
    expect(laneNames(settings)).toEqual({ "each-sense": "b" });
    expect(settings.providers.accounts).toMatchObject([{ apiKey: KEY }]);
  });

  test("of the simulator never go to the paid provider, and are named after the simulator", () => {
    const twin = { DARKROOM_TWIN: "true", EACHLABS_BASE_URL: "http://127.0.0.1:4790" };
    expect(readEngineSettings({ ...list(entry({ lane: "twin-b" })), ...twin }).providers.accounts).toMatchObject([
      { lane: "twin-b", baseUrl: "http://127.0.0.1:4790" },
    ]);
    expect(problems({ ...list(entry()), ...twin })).toContain('the lane "b" must begin with "twin-"');
    const paid = entry({ lane: "twin-b", baseUrl: "https://sense.eachlabs.run" });
    expect(problems({ ...list(paid), ...twin })).toContain('the baseUrl of "twin-b" must be the twin\'s');
    expect(problems(list(entry({ lane: "twin-b" })))).toContain("is reserved for the simulator");
  });

  test.each<[string, Environment, string]>([
    ["no JSON", { DARKROOM_ACCOUNTS: "studio b" }, "DARKROOM_ACCOUNTS must be a JSON list like"],
    ["no list", { DARKROOM_ACCOUNTS: "{}" }, "DARKROOM_ACCOUNTS must be a JSON list like"],
    ["a variable that is not set", list(entry({ keyVariable: "C_KEY" })), "entry 0 names the variable C_KEY"],
    ["no key", list({ lane: "b", provider: "each-sense" }), "exactly one of keyVariable and keyFile"],
    ["two keys", list(entry({ keyFile: "/run/key" })), "exactly one of keyVariable and keyFile"],
    ["a file that is not there", list(entry({ keyVariable: undefined, keyFile: "/nowhere/key" })), "ENOENT"],
    ["an odd lane", list(entry({ lane: "Studio {b}" })), "entry 0.lane must be 1 to 60 lower-case letters"],
    ["an unknown provider", list(entry({ provider: "somebody" })), "entry 0.provider"],
    ["a plan that there is not", list(entry({ plan: "gold" })), "entry 0.plan"],
    ["no call at once", list(entry({ concurrency: 0 })), "entry 0.concurrency"],
    ["one lane twice", list(entry(), entry()), 'the lane "b" is listed twice'],
    ["the first account's lane", { ...list(entry({ lane: "each-sense" })), EACHLABS_API_KEY: KEY }, "is listed twice"],
    ["both variables", { ...list(entry()), DARKROOM_ACCOUNTS_FILE: "/a" }, "DARKROOM_ACCOUNTS_FILE must be unset"],
    ["a Phota with a dialect", list(entry({ provider: "phota", dialect: "chat" })), "which only each-sense supports"],
  ])("are rejected with the cause: %s", (_, environment, told) => {
    expect(problems(environment)).toContain(told);
  });

  test("never repeat a key from the list, nor the list itself", () => {
    const text = problems(list(entry({ key: KEY, apiKey: KEY })));
    expect(text).toContain("no such fields: key, apiKey");
    expect(text).not.toContain(KEY);
    expect(problems({ DARKROOM_ACCOUNTS: `[{"key":"${KEY}"` })).not.toContain(KEY);
  });
});
