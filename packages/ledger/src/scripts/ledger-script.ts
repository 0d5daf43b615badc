import { defineScript, type BundledScript, type Script } from "@darkroom/redis-kit";
import { batchLedgerKeys } from "../keys.ts";
import { readScript } from "./lua-file.ts";

/*
 * Every state change of a portrait runs one of the scripts in this folder. Each script changes state and counts together
 * (P2). Scripts read only the summary of a receipt.
 */

type LedgerKey = keyof ReturnType<typeof batchLedgerKeys>;

const KEYS: readonly string[] = Object.keys(batchLedgerKeys("", ""));

/** A script on the keys of one batch. */
export interface LedgerScript<Name extends string = never, Column extends string = never> extends Script {
  /** The script's keys, in order. */
  readonly keys: readonly LedgerKey[];
  /** The script's arguments, in order. */
  readonly names: readonly Name[];
  /** The columns of each row of the script's list, in order. */
  readonly columns: readonly Column[];
  /** Set for a script whose calls of one tick are combined. */
  readonly bundled?: BundledScript;
}

/** The arguments of a script, or the columns of a row of its list, by name. */
export type ScriptArguments<Name extends string> = Readonly<Record<Name, string | number>>;

/**
 * Loads a script with the names of its arguments and of the columns of its list. The names must equal those in the
 * file, in the same order. This check detects a wrong order.
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
  if (keys.length !== script.keys.length) throw new Error(`${path}.lua uses a key that keys.ts does not define`);
  assertSame(`arguments of ${path}.lua`, script.names, names);
  assertSame(`rows of ${path}.lua`, script.columns, columns ?? []);
  const { lua, bundled } = script;
  return { ...defineScript(lua), keys, names, columns: columns ?? [], ...(bundled === undefined ? {} : { bundled }) };
}

function assertSame(what: string, inLua: readonly string[], here: readonly string[]): void {
  if (inLua.join() === here.join()) return;
  throw new Error(`The ${what} are ${inLua.join(", ")}, but its definition names ${here.join(", ")}.`);
}

/** The first arguments of every order's script; see `lib/order.lua`. */
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
