import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { BATCH_STATES, isEnded } from "@darkroom/core";
import { parse, type Chunk } from "luaparse";
import { afterAll, describe, expect, it, test } from "vitest";
import { composeScript, readScript } from "../src/scripts/lua-file.ts";
import { diagram } from "./diagram.ts";
import { transitionsOf, type StateArguments } from "./lua-transitions.ts";
import { openLedger } from "./open-ledger.ts";

const SCRIPTS = join(import.meta.dirname, "../src/scripts");

/** The globals that Redis provides to scripts, as far as the scripts use them. */
const GLOBALS = new Set(
  "KEYS ARGV redis cjson struct math string table tonumber tostring ipairs pairs pcall unpack".split(" "),
);

/** The states that callers may pass. */
const STATE_ARGUMENTS: Readonly<Record<string, StateArguments>> = {
  "portrait/leave": { to: ["queued", "retrying"] },
  "portrait/settle": { to: ["succeeded", "skipped", "failed", "cancelled"] },
  "batch/end-batch": { to: ["completed", "completed_with_failures", "cancelled"] },
};

/**
 * Moves that the script allows but that cannot occur, because only a stopped batch can end before its source was read.
 */
const IMPOSSIBLE = new Set(["running", "completed", "completed_with_failures"].map((state) => `${state} -> ingesting`));

const paths = readdirSync(SCRIPTS, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".lua"))
  .map((file) => file.slice(0, -".lua".length))
  .toSorted();
const scripts = paths.filter((path) => !path.startsWith("lib/"));

function textOf(path: string): string {
  return readFileSync(join(SCRIPTS, `${path}.lua`), "utf8");
}

function parsed(lua: string): Chunk & { readonly globals?: readonly { readonly name: string }[] } {
  return parse(lua, { luaVersion: "5.1", scope: true });
}

/** Counts each word outside of strings and comments. */
function countWords(lua: string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const [word] of lua.replaceAll(/'[^']*'|--.*/g, "").matchAll(/\w+/g))
    counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}

const { redis, close } = openLedger();
afterAll(close);

test("every script is run by the ledger, and every file of helpers parses", () => {
  const sources = readdirSync(join(SCRIPTS, ".."), { recursive: true, encoding: "utf8" }).filter((file) =>
    file.endsWith(".ts"),
  );
  const named = sources.flatMap((file) => [
    ...readFileSync(join(SCRIPTS, "..", file), "utf8").matchAll(
      /(?:ledgerScript|orderScript|readScript)\(\s*"([\w/-]+)"/g,
    ),
  ]);
  expect(named.map(([, path = ""]) => path).toSorted((a, b) => (a < b ? -1 : 1))).toEqual(scripts);
  for (const path of paths) expect(() => parsed(textOf(path)), path).not.toThrow();
});

describe.each(scripts)("%s", (path) => {
  it("uses nothing undefined, and defines nothing unused", async () => {
    const { lua } = readScript(path);
    const { globals = [] } = parsed(lua);
    expect(globals.map(({ name }) => name).filter((name) => !GLOBALS.has(name))).toEqual([]);
    const words = countWords(lua);
    const declared = [...lua.matchAll(/^local (?:function )?([\w, ]+)/gm)].flatMap(([, names = ""]) =>
      names.split(", "),
    );
    expect(declared.filter((name) => words.get(name) === 1 && name !== "_")).toEqual([]);
    await redis.script("LOAD", lua);
  });

  it("names the helpers that it uses, and begins with its description", () => {
    const text = textOf(path);
    const [, ...rest] = text.split(/^-- include .*$/m);
    const included = [...text.matchAll(/^-- include [\w-]+: (.+)$/gm)].flatMap(([, names = ""]) => names.split(", "));
    const used = countWords(rest.length === 0 ? text : (rest.at(-1) ?? ""));
    expect(included.filter((name) => !used.has(name))).toEqual([]);
    expect(text).toMatch(/^-- [A-Z]\w+s,? /);
  });
});

test("rejects a script that does not take its arguments by name", () => {
  const refused = (text: string) => () => composeScript(text, "test");
  expect(refused("local i, token = unpack(ARGV, 1, 3)\nreturn i\n")).toThrow("in one line");
  expect(refused("local i = ARGV[1]\nlocal token = ARGV[2]\nreturn i\n")).toThrow("in one line");
  expect(refused("local i = ARGV[1]\nlocal LIST = 3\nreturn i\n")).toThrow("must begin at 2");
  expect(refused("-- include portrait: summaryOf\nreturn 1\n")).toThrow("portrait has no summaryOf");
  const loop = "local LIST = 1\nfor a = LIST, #ARGV, 3 do\n  local i, line = unpack(ARGV, a, a + 1)\nend\n";
  expect(refused(loop)).toThrow("each row of its list");
});

test("a batch is forgotten in every state in which it has ended", () => {
  const [, states = ""] = /local ended = \{(.*)\}/.exec(textOf("batch/forget-batch")) ?? [];
  expect([...states.matchAll(/(\w+) = 1/g)].map(([, state]) => state)).toEqual(
    BATCH_STATES.filter((state) => isEnded(state)),
  );
});

test("an order may only undo what scripts record", () => {
  const texts = scripts.map(textOf);
  const noted = texts.flatMap((text) =>
    [...text.matchAll(/revise\(([^)]*)\)/g)].flatMap(([, names = ""]) =>
      [...names.matchAll(/\w+/g)].map(([name]) => name),
    ),
  );
  const undone = texts.flatMap((text) => [
    ...[...text.matchAll(/answerOrder\(\{([^}]*)\}/g)].flatMap(([, names = ""]) =>
      [...names.matchAll(/\w+/g)].map(([name]) => name),
    ),
    ...[...text.matchAll(/precedes\('(\w+)'\)/g)].map(([, name = ""]) => name),
  ]);
  expect(undone.length).toBeGreaterThan(5);
  expect(undone.filter((name) => !noted.includes(name))).toEqual([]);
});

describe("the diagrams in docs/architecture.md have every arrow that the scripts have, and no other", () => {
  const runningStates = [
    ...textOf("lib/batch")
      .split("local function runningState()")[1]!
      .split("\nend")[0]!
      .matchAll(/(?:return|and|or) '(\w+)'/g),
  ].map(([, state = ""]) => state);
  const found = scripts.map((path) => transitionsOf(textOf(path), runningStates, STATE_ARGUMENTS[path]));

  it("of a portrait", () => {
    const arrows = new Set(found.flatMap(({ portraits }) => [...portraits]));
    expect(diagram("The life of a portrait")).toEqual([...arrows].toSorted());
  });

  it("of a batch", () => {
    const arrows = new Set(found.flatMap(({ batches }) => [...batches]).filter((arrow) => !IMPOSSIBLE.has(arrow)));
    expect(diagram("The life of a batch")).toEqual([...arrows].toSorted());
  });
});
