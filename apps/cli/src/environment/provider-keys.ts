import type { ProviderName } from "@darkroom/core";

/** The variable of each provider's key, and the provider's display name. */
export const PROVIDER_KEYS: Readonly<Record<ProviderName, { readonly variable: string; readonly title: string }>> = {
  "each-sense": { variable: "EACHLABS_API_KEY", title: "each::sense" },
  phota: { variable: "PHOTA_API_KEY", title: "Phota" },
};
