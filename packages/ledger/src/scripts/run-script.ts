import type { RedisConnection } from "@darkroom/redis-kit";
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
  return async (script, batchId, args, rows = []) => {
    const keys = batchLedgerKeys(namespace, batchId);
    return await script.run(
      redis,
      script.keys.map((name) => keys[name]),
      [
        ...script.names.map((name) => args[name]),
        ...rows.flatMap((row) => script.columns.map((column) => row[column])),
      ],
    );
  };
}
