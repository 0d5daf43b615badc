import { isIP } from "node:net";

/** True if the URL's host name points to this machine. */
export function isLoopbackUrl(url: string): boolean {
  return isLoopbackHost(new URL(url).hostname);
}

/** True for a host that only this machine can reach. */
export function isLoopbackHost(name: string): boolean {
  const host = name.replace(/^\[(.*)\]$/, "$1").toLowerCase();
  return host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."));
}
