import { Command } from "commander";
import { describe, expect, it } from "vitest";
import { createProgram, runProgram } from "./program.ts";
import { readRecipe, readRecipeChange } from "./options/recipe-options.ts";
import { Terminal } from "./terminal/terminal.ts";
import { sendJson, startTestApi } from "./test-kit/test-api.ts";
import { testStreams } from "./test-kit/test-streams.ts";

async function run(line: string, variables: Record<string, string> = {}) {
  const streams = testStreams();
  const code = await runProgram(line.split(" "), { variables, cwd: "/nowhere", streams });
  return { code, out: streams.out(), err: streams.err() };
}

const ENHANCE = "enhance /tmp /tmp/out --preset skin-smoothing";

describe("rejects impossible requests with exit code 2, before anything starts:", () => {
  it.each([
    ["a missing mode, naming both", ENHANCE, /--mode eco.*--mode max/],
    ["an unknown mode", `${ENHANCE} --mode fast`, /Allowed choices are max, eco/],
    ["an unknown preset", "enhance a b --preset beauty --mode eco", /Allowed choices/],
    ["neither preset nor prompt", "enhance a b --mode eco", /--preset <name>.*--prompt/],
    ["both preset and prompt", `${ENHANCE} --prompt x --mode eco`, /only one of the two/],
    ["no key and no twin, with both ways out", `${ENHANCE} --mode eco`, /EACHLABS_API_KEY.*--twin/],
    ["the same for submit", "submit /tmp /tmp/out --preset skin-smoothing --mode eco", /EACHLABS_API_KEY.*--twin/],
    ["a recipe for Phota without its key", `${ENHANCE} --provider phota`, /PHOTA_API_KEY.*--twin/],
    [
      "several pictures of a provider that makes one",
      `${ENHANCE} --mode eco --twin --variations 2`,
      /--variations: each::sense makes one picture.*"phota"/,
    ],
    ["too many pictures", `${ENHANCE} --provider phota --twin --variations 5`, /--variations <n>.*invalid/],
    ["a missing argument", "enhance a", /missing required argument 'destination'/],
    [
      "places that --include took",
      "enhance --include *.jpg a b",
      /missing.*'source'\n--include takes.*--include='\*\.jpg'/,
    ],
    ["places that --carry took", "submit --carry promt team.csv b", /missing.*\n--carry takes every argument/],
    ["places that --exclude took", "submit a --exclude *.png b", /missing.*\n--exclude takes every argument/],
    ["a name with spaces", "enhance Client Miller Ltd out", /too many arguments[^\n]*\nPut quotes around a name/],
    ["an unknown option", "list --all", /unknown option/],
    ["an unknown command, with the nearest", "enhence a b", /Did you mean enhance/],
    ["an unknown state", "portraits last --state lost", /Allowed choices/],
    ["two kinds of report", "report last --csv --jsonl", /cannot be used with/],
    ["a report as JSON without a file", "report last --json", /-o report.csv/],
    ["a limit that is no number", "list --limit many", /whole number/],
    ["costs of a day that is none", "costs --from 2026-02-30x", /--from <day>.*2026-11-21/],
    ["costs by what is not counted", "costs --by person", /Allowed choices are day, lane, batch/],
    ["a pilot of none", `${ENHANCE} --mode eco --twin --pilot 0`, /--pilot <n>.*invalid/],
    ["half a portrait", `${ENHANCE} --mode eco --twin --pilot 2.5`, /--pilot <n>.*invalid/],
    ["a budget of nothing", `${ENHANCE} --mode eco --twin --max-cost 0`, /--max-cost <usd>.*invalid/],
    ["a budget in words", `${ENHANCE} --mode eco --twin --max-cost much`, /--max-cost <usd>.*must be a number/],
    ["more than all", `${ENHANCE} --mode eco --twin --breaker 101`, /--breaker <percent>.*invalid/],
    ["a breaker after too many", `${ENHANCE} --mode eco --twin --breaker-after 201`, /--breaker-after <n>.*invalid/],
    [
      "a breaker and none",
      `${ENHANCE} --mode eco --twin --no-breaker --breaker-after 5`,
      /--breaker-after.*--no-breaker/,
    ],
    ["hours that are none", `${ENHANCE} --mode eco --twin --between 22-6`, /--between <hours>.*22:00-06:00/],
    ["an unknown zone", `${ENHANCE} --mode eco --twin --between 22:00-06:00 --tz Mars`, /--tz.*IANA/],
    ["a zone without hours", `${ENHANCE} --mode eco --twin --tz UTC`, /--tz.*--between/],
    [
      "a deadline without its offset",
      `${ENHANCE} --mode eco --twin --deadline 2199-01-01T00:00:00`,
      /--deadline.*offset/,
    ],
    [
      "a deadline that has passed",
      `${ENHANCE} --mode eco --twin --deadline 2020-01-01T00:00:00Z`,
      /--deadline.*passed/,
    ],
    [
      "a schedule's deadline",
      `schedule add a b --cron x --preset skin-smoothing --mode eco --deadline 8h`,
      /unknown option/,
    ],
    ["attempts beyond reason", `${ENHANCE} --mode eco --twin --attempts 21`, /--attempts <n>.*invalid/],
    ["a wait without its unit", `${ENHANCE} --mode eco --twin --backoff 15`, /--backoff <duration>.*unit/],
    ["a longest wait that is shorter", `${ENHANCE} --mode eco --twin --backoff 10m --backoff-cap 15s`, /--backoff-cap/],
    ["a retry of what cannot end otherwise", "retry last --code invalid_row", /--code <code...>.*invalid/],
    ["a retry with preset and prompt", "retry last --preset skin-smoothing --prompt x", /only one of the two/],
    ["a budget for a pause", "pause last --max-cost 4", /unknown option/],
    [
      "all wrong values at once",
      `${ENHANCE} --mode turbo --twin --max-cost much --pilot 0`,
      /--mode <mode>.*'turbo'[^]*\n.*--max-cost <usd>.*must be a number[^]*\n.*--pilot <n>.*invalid/,
    ],
    ["a wrong value beside an unknown option", "list --limit many --all", /whole number[^]*\n.*unknown option '--all'/],
    [
      "all that goes together wrongly at once",
      "enhance a b --twin --tz UTC --no-breaker --breaker-after 5 --fallback-after 5m",
      /--tz has no effect[^]*\n--breaker-after.*\nSay what to do.*\n--mode is required/,
    ],
  ])("%s", async (_, line, message) => {
    const { code, out, err } = await run(line);
    expect(err).toMatch(message);
    expect(code).toBe(2);
    expect(out === "" || line.includes("--json")).toBe(true);
  });

  it("reports all invalid settings, without showing a value that may be secret", async () => {
    const { code, err } = await run("list", { DARKROOM_API_URL: "hunter2", DARKROOM_TWIN: "maybe" });
    expect(code).toBe(2);
    expect(err).toMatch(/DARKROOM_API_URL[^]*DARKROOM_TWIN|DARKROOM_TWIN[^]*DARKROOM_API_URL/);
    expect(err).not.toContain("hunter2");
  });
});

it("exits with 5 when the named API cannot be reached", async () => {
  const { code, err } = await run("list", { DARKROOM_API_URL: "http://user:hunter2@127.0.0.1:9" });
  expect(code).toBe(5);
  expect(err).toMatch(/cannot be reached.*DARKROOM_API_URL/);
  expect(err).not.toContain("hunter2");
});

it("doctor checks what concerns the user of an API, whose key may not see the accounts", async () => {
  await using api = await startTestApi(({ url }, response) => {
    if (!url.startsWith("/v1/lanes")) return sendJson(response, { batches: [], nextCursor: null, webhooks: [] });
    const problem = { code: "forbidden", detail: "This key belongs to one tenant, and this concerns all tenants." };
    sendJson(response, problem, 403, "application/problem+json");
  });
  const { out } = await run("doctor --json", { DARKROOM_API_URL: api.url, DARKROOM_API_KEY: "dk_key" });
  const { checks } = JSON.parse(out) as { checks: { name: string; result: string; message: string }[] };
  expect(checks.map(({ name }) => name)).toEqual(["Node", "settings", "API", "proxy", "store", "disk"]);
  expect(checks.find(({ name }) => name === "API")).toMatchObject({
    result: "ok",
    message: `${api.url} answers; it accepts the key, which may not see the provider accounts`,
  });
});

it("lists presets as a table and as JSON", async () => {
  expect((await run("presets")).out).toMatch(
    /^background-blur +The portrait looks shot with shallow depth of field\.$/m,
  );
  const { out, err } = await run("presets --json");
  expect(JSON.parse(out)).toMatchObject({ modes: ["max", "eco"] });
  expect(err).toBe("");
});

it("answers --help and --version with exit code 0", async () => {
  expect(await run("--help")).toMatchObject({ code: 0, err: "" });
  expect((await run("--version")).out).toMatch(/^\d+\.\d+\.\d+\n$/);
});

describe("every command", async () => {
  const leaves = (command: Command): readonly Command[] =>
    command.commands.length === 0 ? [command] : command.commands.flatMap(leaves);
  const nowhere = { variables: {}, cwd: "/", streams: testStreams(), exit: () => undefined };
  const program = await createProgram(nowhere, "all");
  const names = leaves(program).map((leaf) =>
    leaf.parent?.parent ? `${leaf.parent.name()} ${leaf.name()}` : leaf.name(),
  );

  it.each(names)("%s has --json and help with an example", async (name) => {
    const { code, out } = await run(`${name} --help`);
    expect(code).toBe(0);
    expect(out).toContain("--json");
    expect(out).toMatch(/Examples?:\n {2}\$ darkroom /);
  });

  it("exists", () => {
    expect(names).toEqual([
      "enhance",
      "submit",
      "status",
      "watch",
      "list",
      "portraits",
      "events",
      "confirm",
      "approve",
      "pause",
      "resume",
      "cancel",
      "retry",
      "questions",
      "answer",
      "review",
      "redo",
      "actions",
      "deliver",
      "link",
      "report",
      "results",
      "costs",
      "recover",
      "reconcile",
      "clean",
      "schedule add",
      "schedule list",
      "schedule show",
      "schedule pause",
      "schedule resume",
      "schedule remove",
      "schedule run",
      "lanes list",
      "lanes unblock",
      "keys list",
      "keys create",
      "keys rotate",
      "keys revoke",
      "webhooks list",
      "webhooks create",
      "webhooks show",
      "webhooks update",
      "webhooks enable",
      "webhooks disable",
      "webhooks delete",
      "webhooks rotate",
      "webhooks deliveries",
      "webhooks resend",
      "webhooks test",
      "webhooks listen",
      "start",
      "demo",
      "doctor",
      "presets",
      "inspect",
    ]);
  });
});

describe("a recipe", () => {
  it("is built from the options", async () => {
    const terminal = new Terminal(testStreams(), false);
    const options = {
      prompt: "soft light",
      mode: "max",
      useCase: "linkedin",
      preserve: ["the glasses"],
      format: "png",
      attempts: 3,
      backoff: 2_000,
      answer: "The natural look.",
    };
    expect(await readRecipe(options, terminal)).toEqual({
      prompt: "soft light",
      mode: "max",
      useCase: "linkedin",
      preserve: ["the glasses"],
      output: { format: "png" },
      clarificationAnswer: "The natural look.",
      retry: { attempts: 3, backoffBaseMs: 2_000 },
    });
  });

  it("changes only the given fields", () => {
    const terminal = new Terminal(testStreams(), false);
    expect(readRecipeChange({}, terminal)).toBeUndefined();
    expect(readRecipeChange({ mode: "max", backoffCap: 60_000 }, terminal)).toEqual({
      mode: "max",
      retry: { backoffCapMs: 60_000 },
    });
  });

  it("with a prompt that asks for another face is accepted, with a warning on stderr", async () => {
    const streams = testStreams();
    await readRecipe({ prompt: "make the nose smaller", mode: "eco" }, new Terminal(streams, true));
    expect(streams.err()).toMatch(/facial structure/);
    expect(streams.out()).toBe("");
  });

  it("asks a user at a terminal for the mode", async () => {
    const streams = testStreams({ isTTY: true });
    const asked = readRecipe({ preset: "skin-smoothing" }, new Terminal(streams, false));
    (streams.stdin as unknown as { write(text: string): void }).write("\u001B[B\r");
    expect(await asked).toMatchObject({ mode: "max" });
    expect(streams.err()).toContain("Fast and cheap, or high quality?");
    expect(streams.out()).toBe("");
  });

  it("asks nothing when the output is JSON", async () => {
    const terminal = new Terminal(testStreams({ isTTY: true }), true);
    await expect(readRecipe({ preset: "skin-smoothing" }, terminal)).rejects.toThrow(/--mode is required/);
  });
});

describe("--json", () => {
  it("prints on stdout what went wrong, with the exit code and the setting at fault", async () => {
    const streams = testStreams();
    const variables = { DARKROOM_TWIN_CLOCK: "never" };
    expect(await runProgram(["list", "--json"], { variables, cwd: "/nowhere", streams })).toBe(2);
    expect(JSON.parse(streams.out())).toEqual({
      error: {
        message: expect.stringContaining("DARKROOM_TWIN_CLOCK") as string,
        exitCode: 2,
        code: "invalid_settings",
        field: "DARKROOM_TWIN_CLOCK",
      },
    });
    expect(streams.err()).toContain("DARKROOM_TWIN_CLOCK must be a number above 0");
  });
});
