import { readdirSync, readFileSync } from "node:fs";
import { defineBundledScript, type BundledScript } from "@darkroom/redis-kit";
import { SCRIPT_CONSTANTS } from "./constants.ts";

/*
 * A script is one `.lua` file. Each script begins with, in this order: its description; its helpers, as `-- include
 * <library>: <helper>, …`; its keys; its arguments; and, if a list of arguments follows, LIST, the position of the
 * first one. A library is a file of helpers in `lib/`, each starting with `local` in the first column. Redis runs a
 * script's top level at every call, so a script includes only the helpers that it uses. If the head contains the line
 * `-- bundled`, calls in the same tick run as steps of one script; see `ScriptBundles`.
 */

/** A script as sent to Redis. */
export interface LuaScript {
  readonly lua: string;
  /** The names of its keys, in order. */
  readonly keys: readonly string[];
  /** The names of its arguments, in order. */
  readonly names: readonly string[];
  /** The columns of each row of the script's list, in order; empty if the script has no list. */
  readonly columns: readonly string[];
  /** Set for a script with `-- bundled`, whose `lua` executes any number of calls. */
  readonly bundled?: BundledScript;
}

interface Helper {
  readonly library: string;
  readonly lua: string;
}

/** The head of a script: comments, its keys, its arguments and LIST. */
const HEAD = /^(?:(?:--.*|local LIST = \d+|local [\w, ]+ = (?:unpack\()?(?:KEYS|ARGV)\b.*)?\n)*/;

const HERE = new URL("./", import.meta.url);

const HELPERS: ReadonlyMap<string, Helper> = new Map(
  readdirSync(new URL("lib/", HERE))
    .filter((file) => file.endsWith(".lua"))
    .flatMap((file) => helpersOf(file.slice(0, -".lua".length))),
);

/**
 * Reads a script.
 *
 * @param path below this folder, without `.lua`
 */
export function readScript(path: string): LuaScript {
  return composeScript(readFileSync(new URL(`${path}.lua`, HERE), "utf8"), path);
}

/**
 * Adds the included helpers to the text of a `.lua` file.
 *
 * @param path for errors
 */
export function composeScript(text: string, path: string): LuaScript {
  const [head = ""] = HEAD.exec(text) ?? [];
  const body = text.slice(head.length);
  const keys = namesOf(head, "KEYS", path);
  const names = namesOf(head, "ARGV", path);
  const columns = columnsOf(head, body, names.length, path);
  const helpers = new Map<string, string>();
  for (const [, library = "", included = ""] of head.matchAll(/^-- include ([\w-]+): (.+)$/gm)) {
    for (const name of included.split(", ")) {
      if (HELPERS.get(name)?.library !== library) throw new Error(`${path}.lua: ${library} has no ${name}`);
      include(name, helpers);
    }
  }
  const lines = withoutComments(head).split("\n");
  const compose = (parts: readonly string[]): string => withConstants(parts.filter((line) => line !== "").join("\n"));
  if (/^-- bundled$/m.test(head)) {
    if (columns.length > 0) throw new Error(`${path}.lua: a bundled script takes no list`);
    const before = [...lines.filter((line) => !line.includes("ARGV")), ...helpers.values()];
    const bundled = defineBundledScript(compose(before), names, compose([withoutComments(body)]));
    return { lua: bundled.lua, keys, names, columns, bundled };
  }
  return { lua: compose([...lines, ...helpers.values(), withoutComments(body)]), keys, names, columns };
}

function helpersOf(library: string): [string, Helper][] {
  const text = withoutComments(readFileSync(new URL(`lib/${library}.lua`, HERE), "utf8"));
  return text
    .split(/\n(?=local )/)
    .map((lua) => [/^local (?:function )?(\w+)/.exec(lua)?.[1] ?? "", { library, lua: lua.trim() }]);
}

/** Adds a helper after its own dependencies. */
function include(name: string, included: Map<string, string>): void {
  const helper = HELPERS.get(name);
  if (helper === undefined || included.has(name)) return;
  for (const [used] of helper.lua.replaceAll(/'[^']*'/g, "").matchAll(/\w+/g)) {
    if (used !== name) include(used, included);
  }
  included.set(name, helper.lua);
}

/** Returns the names of a script's keys or arguments. One line assigns all of them, so that none can be misplaced. */
function namesOf(head: string, from: "KEYS" | "ARGV", path: string): readonly string[] {
  const lines = head.split("\n").filter((line) => line.startsWith("local ") && line.includes(from));
  const [, list = "", taken = ""] = /^local ([\w, ]+) = (.+)$/.exec(lines[0] ?? "") ?? [];
  const names = list === "" ? [] : list.split(", ");
  const allowed = names.length === 1 ? [`${from}[1]`] : [`unpack(${from})`, `unpack(${from}, 1, ${names.length})`];
  if (lines.length > 1 || (lines.length === 1 && !allowed.includes(taken))) {
    throw new Error(`${path}.lua must assign its ${from} in one line: local … = ${allowed.join(" or ")}`);
  }
  return names;
}

/** Returns the column names of a script's list, from the only loop over the list. */
function columnsOf(head: string, body: string, names: number, path: string): readonly string[] {
  const list = /^local LIST = (\d+)$/m.exec(head)?.[1];
  if (list === undefined) return [];
  const loops = [...body.matchAll(/for a = LIST, #ARGV(?:, (\d+))? do\n\s*local ([\w, ]+) = (.+)\n/g)];
  const [, step = "1", row = "", taken] = loops[0] ?? [];
  const columns = row.split(", ");
  const expected = columns.length === 1 ? "ARGV[a]" : `unpack(ARGV, a, a + ${columns.length - 1})`;
  if (Number(list) !== names + 1) throw new Error(`${path}.lua: its list must begin at ${names + 1}`);
  if (loops.length !== 1 || taken !== expected || Number(step) !== columns.length) {
    throw new Error(`${path}.lua must assign each row of its list in one line, after for a = LIST, #ARGV: ${expected}`);
  }
  return columns;
}

function withConstants(lua: string): string {
  return lua.replaceAll(/'[^']*'|\b[A-Z][A-Z0-9_]+\b/g, (word) => {
    const value = Object.hasOwn(SCRIPT_CONSTANTS, word) ? SCRIPT_CONSTANTS[word] : undefined;
    return value === undefined ? word : typeof value === "string" ? `'${value}'` : String(value);
  });
}

function withoutComments(lua: string): string {
  return lua.replaceAll(/^\s*--.*\n/gm, "").trim();
}
