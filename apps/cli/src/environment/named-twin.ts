import type { CliEnv } from "./env.ts";

/** The simulator's address and key for each provider. */
export interface TwinAccount {
  readonly url: string;
  readonly apiKey: string;
  readonly photaUrl: string;
  readonly photaKey: string;
}

/**
 * Finds the simulator at `EACHLABS_BASE_URL`; undefined if that is not a simulator. The simulator needs no provider
 * key, and simulates both providers unless `PHOTA_BASE_URL` points to another simulator.
 */
export async function namedTwin({ twinUrl, variables }: CliEnv): Promise<TwinAccount | undefined> {
  if (twinUrl === undefined) return undefined;
  const { TWIN_API_KEY } = await import("@darkroom/twin");
  const apiKey = variables["EACHLABS_API_KEY"] || TWIN_API_KEY;
  const photaUrl = variables["PHOTA_BASE_URL"] || twinUrl;
  return { url: twinUrl, apiKey, photaUrl, photaKey: variables["PHOTA_API_KEY"] || apiKey };
}

/** Returns the environment variables for a simulator's accounts. */
export function twinVariables({ url, apiKey, photaUrl, photaKey }: TwinAccount): Readonly<Record<string, string>> {
  return { EACHLABS_BASE_URL: url, EACHLABS_API_KEY: apiKey, PHOTA_BASE_URL: photaUrl, PHOTA_API_KEY: photaKey };
}
