import type { LookupAddress } from "node:dns";
import { lookup, Resolver } from "node:dns/promises";

/** Resolves a name to all of its addresses. */
export type ResolveName = (host: string) => Promise<readonly LookupAddress[]>;

/** Time for one question to a DNS server, in ms. */
const DNS_TIMEOUT_MS = 3_000;
const DNS_TRIES = 2;

/** Resolves a name as this machine does, including its `hosts` file. Occupies one of Node's few threads. */
export const resolveLocally: ResolveName = async (host) => await lookup(host, { all: true });

/**
 * Returns a resolver that asks DNS servers without occupying a thread. Names that strangers chose may have servers that
 * never answer, and waiting for those in threads would delay every other name.
 *
 * @param servers defaults to the machine's
 */
export function dnsResolver(servers?: readonly string[]): ResolveName {
  const resolver = new Resolver({ timeout: DNS_TIMEOUT_MS, tries: DNS_TRIES });
  if (servers !== undefined) resolver.setServers(servers);
  return async (host) => {
    const [four, six] = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)]);
    if (four.status === "rejected" && six.status === "rejected") throw four.reason;
    return [
      ...(four.status === "fulfilled" ? four.value.map((address) => ({ address, family: 4 })) : []),
      ...(six.status === "fulfilled" ? six.value.map((address) => ({ address, family: 6 })) : []),
    ];
  };
}
