import { isTwinLane, TWIN_LANE } from "@darkroom/config";
import type { CliEnv } from "./env.ts";
import { CommandError, EXIT } from "./exit-codes.ts";

/** Who does the work: our stand-in, or the account that the key in the environment pays with. */
export type ProviderChoice = "twin" | "key";

export { isTwinLane, TWIN_LANE };

/** Undefined when the person has set up neither. */
export function availableProvider(env: CliEnv, twinFlag: boolean): ProviderChoice | undefined {
  if (twinFlag || env.twin) return "twin";
  return env.hasProviderKey ? "key" : undefined;
}

/**
 * @throws CommandError with exit code 2 and both ways out
 */
export function chooseProvider(env: CliEnv, twinFlag: boolean): ProviderChoice {
  const choice = availableProvider(env, twinFlag);
  if (choice !== undefined) return choice;
  throw new CommandError(EXIT.usage, NO_PROVIDER);
}

/**
 * Who is to go on with a batch: what was submitted for the twin is never done by the paid account, nor the other way.
 *
 * @throws CommandError with exit code 2 when the batch's provider is not the one at hand
 */
export function providerForLane(env: CliEnv, twinFlag: boolean, lane: string): ProviderChoice {
  if (isTwinLane(lane)) return "twin";
  if (twinFlag || env.twin) {
    throw new CommandError(
      EXIT.usage,
      `This batch was submitted for the provider account "${lane}", not for the twin. Leave --twin and DARKROOM_TWIN out, and set EACHLABS_API_KEY.`,
    );
  }
  return chooseProvider(env, false);
}

const NO_PROVIDER =
  "There is no provider to do the work. Either set EACHLABS_API_KEY to the key of your each::sense account, " +
  "or add --twin to try it with Darkroom's stand-in, which costs nothing.";
