import type { Account } from "@darkroom/config";
import { createEachSense } from "@darkroom/provider-each-sense";
import type { Provider } from "@darkroom/provider-kit";
import { createPhota } from "@darkroom/provider-phota";
import type { ProxySettings } from "@darkroom/web-fetch";

/** Creates the adapter of an account's provider. */
export function createProvider(account: Account, proxy: ProxySettings): Provider {
  const { apiKey, baseUrl } = account;
  const address = { proxy, ...(baseUrl === undefined ? {} : { baseUrl }) };
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
