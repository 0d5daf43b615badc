import type { ProviderName } from "@darkroom/core";

/** Whether the simulator supports a provider. Other providers have no account while the simulator is used. */
const TWIN_PLAYS: Readonly<Record<ProviderName, boolean>> = { "each-sense": true, phota: true };

/** Addresses of the paid providers, to which work for the simulator must never be sent. */
const PAID_HOSTS: Readonly<Record<ProviderName, RegExp>> = {
  "each-sense": /(?:^|\.)eachlabs\.(?:run|ai)$/i,
  phota: /(?:^|\.)photalabs\.com$/i,
};

/** True if a URL belongs to any paid provider. */
export function isPaidAddress(url: string): boolean {
  const { hostname } = new URL(url);
  return Object.values(PAID_HOSTS).some((host) => host.test(hostname));
}

/**
 * Returns the accounts that may receive work. With the simulator, returns only accounts of providers that it supports.
 */
export function accountsInUse<T extends { readonly provider: ProviderName }>(
  accounts: readonly T[],
  twin: boolean,
  plays: Readonly<Partial<Record<ProviderName, boolean>>> = TWIN_PLAYS,
): readonly T[] {
  return twin ? accounts.filter(({ provider }) => plays[provider] === true) : accounts;
}
