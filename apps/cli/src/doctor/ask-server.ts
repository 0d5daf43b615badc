import { OutgoingAgent, proxyFor, shownProxy, type ProxySettings } from "@darkroom/web-fetch";

/** Timeout of the doctor's requests. */
export const ANSWER_WITHIN_MS = 8_000;

/** Returns the status of a GET request, sent with the worker's proxy and user agent. */
export async function statusOf(
  url: URL,
  proxy: ProxySettings,
  headers: Readonly<Record<string, string>> = {},
): Promise<number> {
  const agent = new OutgoingAgent({ proxy });
  try {
    const { origin, pathname, search } = url;
    const path = `${pathname}${search}`;
    const signal = AbortSignal.timeout(ANSWER_WITHIN_MS);
    const { statusCode, body } = await agent.request({ origin, path, method: "GET", headers, signal });
    await body.dump();
    return statusCode;
  } finally {
    await agent.destroy();
  }
}

/** Returns the proxy for a URL as text; empty if there is none. */
export function throughWhat(url: URL, proxy: ProxySettings): string {
  const used = proxyFor(proxy, url);
  return used === undefined ? "" : ` through the proxy ${shownProxy(used)}`;
}
