import type { ProviderName } from "@darkroom/core";

/** True if the simulator supports a provider. Other providers have no account while the simulator is used. */
const TWIN_PLAYS: Readonly<Record<ProviderName, boolean>> = { "each-sense": true, phota: true };

/** Addresses of the paid providers. Work for the simulator must never go there. */
const PAID_HOSTS: Readonly<Record<ProviderName, RegExp>> = {
  "each-sense": /(?:^|\.)eachlabs\.(?:run|ai)$/i,
  phota: /(?:^|\.)photalabs\.com$/i,
};

/** True if a URL belongs to any paid provider. */
export function isPaidAddress(url: string): boolean {
  const { hostname } = new URL(url);
  return Object.values(PAID_HOSTS).some((host) => host.test(hostname));
}

/** The accounts that work may go to. With the simulator, only those of providers that it supports. */
export function accountsInUse<T extends { readonly provider: ProviderName }>(
  accounts: readonly T[],
  twin: boolean,
  plays: Readonly<Partial<Record<ProviderName, boolean>>> = TWIN_PLAYS,
): readonly T[] {
  return twin ? accounts.filter(({ provider }) => plays[provider] === true) : accounts;
}
