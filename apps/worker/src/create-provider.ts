import type { Account } from "@darkroom/config";
import { createEachSense } from "@darkroom/provider-each-sense";
import type { Provider } from "@darkroom/provider-kit";

/** The adapter behind an account's lane. */
export function createProvider({ apiKey, baseUrl, dialect, storageUrl }: Account): Provider {
  return createEachSense({
    apiKey,
    dialect,
    ...(baseUrl === undefined ? {} : { baseUrl }),
    ...(storageUrl === undefined ? {} : { storageUrl }),
  });
}
