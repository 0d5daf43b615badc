import type { Readable } from "node:stream";
import type { Dispatcher } from "undici";
import { DarkroomError, hostOf } from "@darkroom/core";
import type { NetworkGuard } from "./network-guard.ts";

/** Maximum number of redirects. Enough for every CDN, and few enough to end a loop quickly. */
export const MOST_REDIRECTS = 5;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

export interface FetchedAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The body, which the caller must read to its end or destroy. */
  readonly body: Readable & { dump(): Promise<void> };
  /** The final URL. */
  readonly url: URL;
}

export interface FetchOptions {
  readonly agent: Dispatcher;
  readonly guard: Pick<NetworkGuard, "check">;
  readonly signal: AbortSignal;
}

/**
 * Gets a URL and follows a few redirects, each checked like the first URL. Sends no credentials, so that none can leak
 * to another host. Never follows a redirect from https to http.
 *
 * @throws DarkroomError `address_not_allowed` for a private network at any step, `remote_refused` for a redirect that
 *   is not followed; undici's errors for a connection
 */
export async function fetchFollowing(first: URL, { agent, guard, signal }: FetchOptions): Promise<FetchedAnswer> {
  let url = first;
  for (let hops = 0; hops <= MOST_REDIRECTS; hops += 1) {
    await guard.check(url);
    const { origin, pathname, search } = url;
    const answer = await agent.request({ origin, path: `${pathname}${search}`, method: "GET", signal });
    const { statusCode: status, headers, body } = answer;
    const location = REDIRECTS.has(status) ? headers["location"] : undefined;
    if (typeof location !== "string") return { status, headers, body, url };
    await body.dump();
    url = targetOf(location, url);
  }
  throw refused(`${hostOf(first)} redirects more than ${MOST_REDIRECTS} times`);
}

function targetOf(location: string, from: URL): URL {
  const url = URL.parse(location, from.href);
  const host = hostOf(from);
  if (url === null) throw refused(`${host} redirects to an invalid URL`);
  if (url.protocol === "https:" || (url.protocol === "http:" && from.protocol === "http:")) return url;
  throw refused(`${host} redirects to an address that is not https`);
}

function refused(message: string): DarkroomError {
  return new DarkroomError("remote_refused", message);
}
