import type { Account } from "@darkroom/config";
import { createEachSense } from "@darkroom/provider-each-sense";
import type { Provider } from "@darkroom/provider-kit";
import { createPhota } from "@darkroom/provider-phota";

/** The adapter behind an account's lane. */
export function createProvider(account: Account): Provider {
  const { apiKey, baseUrl } = account;
  const address = baseUrl === undefined ? {} : { baseUrl };
  switch (account.provider) {
    case "each-sense": {
      const { dialect, storageUrl } = account;
      return createEachSense({ apiKey, dialect, ...address, ...(storageUrl === undefined ? {} : { storageUrl }) });
    }
    case "phota":
      return createPhota({ apiKey, responseMode: account.responseMode, ...address });
    default:
      return account satisfies never;
  }
}
