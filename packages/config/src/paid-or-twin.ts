import type { ProviderName } from "@darkroom/core";

/** Whether the twin stands in for a provider. One that it does not play has no account where the twin does the work. */
const TWIN_PLAYS: Readonly<Record<ProviderName, boolean>> = { "each-sense": true, phota: true };

/** Where the paid providers live: what is the twin's must never go there. */
const PAID_HOSTS: Readonly<Record<ProviderName, RegExp>> = {
  "each-sense": /(?:^|\.)eachlabs\.(?:run|ai)$/i,
  phota: /(?:^|\.)photalabs\.com$/i,
};

/** Whether a URL is a paid provider's, whichever's. */
export function isPaidAddress(url: string): boolean {
  const { hostname } = new URL(url);
  return Object.values(PAID_HOSTS).some((host) => host.test(hostname));
}

/** The accounts that work may go to: none but those of providers that the twin plays, where it does the work. */
export function accountsInUse<T extends { readonly provider: ProviderName }>(
  accounts: readonly T[],
  twin: boolean,
  plays: Readonly<Partial<Record<ProviderName, boolean>>> = TWIN_PLAYS,
): readonly T[] {
  return twin ? accounts.filter(({ provider }) => plays[provider] === true) : accounts;
}
