import type { FastifyRequest } from "fastify";
import { SESSION_S } from "@darkroom/access";
import { DarkroomError } from "@darkroom/core";

/** Without `Secure` and its prefix, because a page on plain HTTP also needs the cookie. */
const NAME = "darkroom_session";
const COOKIE = new RegExp(`(?:^|;\\s*)${NAME}=([^;\\s]+)`);
const READS = ["GET", "HEAD"];

/** Returns the session id of a request's cookie. */
export function shownSession({ headers }: FastifyRequest): string | undefined {
  return COOKIE.exec(headers.cookie ?? "")?.[1];
}

/**
 * Returns a `Set-Cookie` header. Scripts cannot read the cookie, and other sites cannot send it. An empty id removes
 * the cookie.
 */
export function sessionCookie(request: FastifyRequest, id: string): string {
  const secure = request.protocol === "https" ? "; Secure" : "";
  return `${NAME}=${id}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${id === "" ? 0 : SESSION_S}${secure}`;
}

/**
 * Rejects changes that a browser sends with a cookie from a page of another origin. `SameSite` excludes other sites.
 * This check also excludes other ports and subdomains of the same site.
 *
 * @throws DarkroomError `forbidden`
 */
export function checkOrigin({ method, headers }: Pick<FastifyRequest, "method" | "headers">): void {
  if (READS.includes(method)) return;
  const { origin, host } = headers;
  if (origin !== undefined && URL.canParse(origin) && new URL(origin).host === host) return;
  throw new DarkroomError("forbidden", "This change was sent by a page of another server.");
}
