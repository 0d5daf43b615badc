import { ScriptBundles, type RedisConnection } from "@darkroom/redis-kit";
import { batchLedgerKeys } from "../keys.ts";
import type { LedgerScript, ScriptArguments } from "./ledger-script.ts";

/** Runs a script on a batch, with its arguments and the rows of its list. */
export type RunScript = <Name extends string, Column extends string>(
  script: LedgerScript<Name, Column>,
  batchId: string,
  args: ScriptArguments<Name>,
  rows?: readonly ScriptArguments<Column>[],
) => Promise<unknown>;

/** Runs scripts on the batches of one namespace. */
export function scriptRunner(redis: RedisConnection, namespace: string): RunScript {
  const bundles = new ScriptBundles(redis);
  return async (script, batchId, args, rows = []) => {
    const keys = (): readonly string[] => {
      const all = batchLedgerKeys(namespace, batchId);
      return script.keys.map((name) => all[name]);
    };
    const values = script.names.map((name) => args[name]);
    if (script.bundled !== undefined) return await bundles.run(script.bundled, batchId, keys, values);
    const list = rows.flatMap((row) => script.columns.map((column) => row[column]));
    return await script.run(redis, keys(), [...values, ...list]);
  };
}
