import { defineScript, type Script } from "@darkroom/redis-kit";
import { batchLedgerKeys } from "../keys.ts";
import { readScript } from "./lua-file.ts";

/*
 * Every change of a portrait's state goes through one of the scripts in this folder, and each changes state and counts
 * together (P2). Of a receipt a script reads the summary alone.
 */

type LedgerKey = keyof ReturnType<typeof batchLedgerKeys>;

const KEYS: readonly string[] = Object.keys(batchLedgerKeys("", ""));

/** A script on the keys of one batch. */
export interface LedgerScript<Name extends string = never, Column extends string = never> extends Script {
  /** Its keys, in the order in which it takes them. */
  readonly keys: readonly LedgerKey[];
  /** Its arguments, in the order in which it takes them. */
  readonly names: readonly Name[];
  /** What each row of its list holds, in order. */
  readonly columns: readonly Column[];
}

/** The arguments of a script, or what a row of its list holds, by name. */
export type ScriptArguments<Name extends string> = Readonly<Record<Name, string | number>>;

/**
 * A script by its file, with the names of its arguments and of what each row of its list holds. The names must be those of
 * the file, in its order: no argument can be misplaced.
 *
 * @param path below this folder, without `.lua`
 */
export function ledgerScript<const Names extends readonly string[], const Columns extends readonly string[] = []>(
  path: string,
  names: Names,
  columns?: Columns,
): LedgerScript<Names[number], Columns[number]> {
  const script = readScript(path);
  const isKnown = (key: string): key is LedgerKey => KEYS.includes(key);
  const keys = script.keys.filter(isKnown);
  if (keys.length !== script.keys.length) throw new Error(`${path}.lua takes a key that keys.ts does not name`);
  assertSame(`arguments of ${path}.lua`, script.names, names);
  assertSame(`rows of ${path}.lua`, script.columns, columns ?? []);
  return { ...defineScript(script.lua), keys, names, columns: columns ?? [] };
}

function assertSame(what: string, inLua: readonly string[], here: readonly string[]): void {
  if (inLua.join() === here.join()) return;
  throw new Error(`The ${what} are ${inLua.join(", ")}, and its definition names ${here.join(", ")}.`);
}

/** The arguments that every order's script begins with; see `lib/order.lua`. */
const ORDER = ["orderId", "orderSays", "orderRevision", "orderRound"] as const;

export type OrderArgument = (typeof ORDER)[number];

/** A script that carries out an order, with `answerOrder` of `lib/order.lua`. */
export function orderScript<const Names extends readonly string[], const Columns extends readonly string[] = []>(
  path: string,
  names: Names,
  columns?: Columns,
): LedgerScript<OrderArgument | Names[number], Columns[number]> {
  return ledgerScript<readonly [...typeof ORDER, ...Names], Columns>(path, [...ORDER, ...names], columns);
}
