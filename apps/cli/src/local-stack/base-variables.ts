import type { Environment } from "@darkroom/config";
import type { CliEnv } from "../environment/env.ts";

/**
 * Returns the variables of an API that accepts no batches. Omits the provider's timing, which would have to fit the
 * provider.
 *
 * @param own the variables that the command sets itself
 */
export function baseVariables({ variables, dataDir, twin }: CliEnv, own: Environment): Environment {
  return {
    ...variables,
    DARKROOM_DATA_DIR: dataDir,
    DARKROOM_LOCAL_ROOTS: "any",
    DARKROOM_HOST: "127.0.0.1",
    DARKROOM_PORT: "0",
    DARKROOM_TWIN: "false",
    ...listedAccounts({ variables, twin }, false),
    DARKROOM_DEADLINE_MS: undefined,
    DARKROOM_IDLE_MS: undefined,
    ...own,
  };
}

/**
 * Returns the list of accounts. It contains paid accounts, or simulators if DARKROOM_TWIN is set; neither kind does the
 * other's work.
 */
export function listedAccounts({ variables, twin }: Pick<CliEnv, "variables" | "twin">, ofTwins: boolean): Environment {
  const { DARKROOM_ACCOUNTS, DARKROOM_ACCOUNTS_FILE } = ofTwins === twin ? variables : {};
  return { DARKROOM_ACCOUNTS, DARKROOM_ACCOUNTS_FILE };
}
