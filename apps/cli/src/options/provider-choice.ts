import { isTwinLane, twinLaneOf } from "@darkroom/config";
import { DEFAULT_PROVIDER, PROVIDERS, type ProviderName } from "@darkroom/core";
import type { CliEnv } from "../environment/env.ts";
import { CommandError, EXIT } from "../exit-codes.ts";
import { PROVIDER_KEYS } from "../environment/provider-keys.ts";

/** Selects the simulator, or the accounts whose keys are in the environment. */
export type ProviderChoice = "twin" | "key";

/** Returns where the key of a lane's account is set: a variable, or the list of accounts. */
export function keySettingOf(lane: string): string {
  const provider = PROVIDERS.find((name) => name === lane || twinLaneOf(name) === lane);
  return provider === undefined
    ? `the key of the account ${lane} in DARKROOM_ACCOUNTS`
    : PROVIDER_KEYS[provider].variable;
}

/** Returns undefined if the user has configured neither a key nor the simulator. */
export function availableProvider(env: CliEnv, twinFlag: boolean): ProviderChoice | undefined {
  if (twinFlag || env.twin) return "twin";
  return env.providerKeys.length > 0 || env.hasListedAccounts ? "key" : undefined;
}

/**
 * @param provider the recipe's provider; if omitted, any key suffices
 * @throws CommandError with exit code 2 and all alternatives
 */
export function chooseProvider(env: CliEnv, twinFlag: boolean, provider?: ProviderName): ProviderChoice {
  const choice = availableProvider(env, twinFlag);
  if (choice === "twin") return choice;
  // The engine knows the providers of the listed accounts, and rejects a batch for any other provider.
  const maySuit = provider === undefined || env.hasListedAccounts || env.providerKeys.includes(provider);
  if (choice !== undefined && maySuit) return choice;
  throw new CommandError(EXIT.usage, noProvider(env, provider));
}

/**
 * Selects the provider that continues a batch. A paid account never does simulated work, and the simulator never does
 * paid work.
 *
 * @throws CommandError with exit code 2 when the batch's provider is not available
 */
export function providerForLane(env: CliEnv, twinFlag: boolean, lane: string): ProviderChoice {
  if (isTwinLane(lane)) return "twin";
  const provider = PROVIDERS.find((name) => name === lane);
  if (twinFlag || env.twin) {
    const { variable } = PROVIDER_KEYS[provider ?? DEFAULT_PROVIDER];
    throw new CommandError(
      EXIT.usage,
      `This batch was submitted for the provider account "${lane}", not for the twin. Remove --twin and DARKROOM_TWIN, and set ${variable}.`,
    );
  }
  return chooseProvider(env, false, provider);
}

function noProvider(env: CliEnv, provider: ProviderName | undefined): string {
  const { variable, title } = PROVIDER_KEYS[provider ?? DEFAULT_PROVIDER];
  const other = PROVIDERS.find((name) => name !== provider && env.providerKeys.includes(name));
  return (
    `There is no provider to do the work. Either set ${variable} to the key of your ${title} account, ` +
    (other === undefined ? "" : `or use --provider ${other}, which has a key, `) +
    "or add --twin to try it with Darkroom's simulator, which costs nothing."
  );
}
