/** The proxies for outgoing requests. Without any, all requests are direct. */
export interface ProxySettings {
  /** For `http://` targets. */
  readonly http?: string;
  /** For `https://` targets. Defaults to {@link http}. */
  readonly https?: string;
  /**
   * Hosts that are reached directly, as in `NO_PROXY`: names including subdomains, addresses, or `*`. Each may have a
   * port.
   */
  readonly bypass?: readonly string[];
}

const DEFAULT_PORTS: Readonly<Record<string, string>> = { "http:": "80", "https:": "443" };
const LOOPBACK = /^(?:localhost|.+\.localhost|127(?:\.\d+){3}|::1)$/;

/**
 * Returns the proxy for a target, or undefined for a direct request. Requests to this machine never use a proxy,
 * because the simulator, local stores and the status API run here.
 */
export function proxyFor({ http, https, bypass = [] }: ProxySettings, target: URL): string | undefined {
  const proxy = target.protocol === "https:" ? (https ?? http) : http;
  if (proxy === undefined) return undefined;
  const host = plainHost(target.hostname);
  const port = target.port === "" ? DEFAULT_PORTS[target.protocol] : target.port;
  if (LOOPBACK.test(host) || bypass.some((entry) => matches(entry, host, port))) return undefined;
  return proxy;
}

/** Returns a proxy's address without user and password. */
export function shownProxy(proxy: string): string {
  return new URL(proxy).origin;
}

function matches(entry: string, host: string, port: string | undefined): boolean {
  const [, bracketed, bare = entry, wished] = /^(?:\[(.+)\]|([^:]+))(?::(\d+))?$/.exec(entry) ?? [];
  if (wished !== undefined && wished !== port) return false;
  const name = plainHost(bracketed ?? bare);
  if (name === "*") return true;
  const domain = name.replace(/^\*?\./, "");
  return host.endsWith(`.${domain}`) || (!name.startsWith("*.") && host === domain);
}

/** Returns a host without brackets and without the trailing dot of a fully qualified name. */
function plainHost(host: string): string {
  return host
    .toLowerCase()
    .replace(/^\[|\]$/g, "")
    .replace(/(?<=.)\.$/, "");
}
