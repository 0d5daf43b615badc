import { createHash, timingSafeEqual } from "node:crypto";
import { isIP } from "node:net";
import type { FastifyRequest } from "fastify";
import { DarkroomError } from "@darkroom/core";

const API_KEY_HEADER = "x-api-key";

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

/** The key that a request shows, in `Authorization: Bearer` or in `X-API-Key`. */
function shownKey(request: FastifyRequest): string | undefined {
  const header = request.headers[API_KEY_HEADER];
  if (typeof header === "string") return header;
  return /^Bearer +(\S+) *$/i.exec(request.headers.authorization ?? "")?.[1];
}

/**
 * Lets requests with the API key through. Compares in constant time.
 *
 * @throws DarkroomError `unauthorized`, from the check
 */
export function apiKeyCheck(apiKey: string): (request: FastifyRequest) => void {
  const right = digest(apiKey);
  return (request) => {
    const shown = shownKey(request);
    if (shown !== undefined && timingSafeEqual(digest(shown), right)) return;
    const what = shown === undefined ? "This needs the API key" : "The API key is wrong";
    throw new DarkroomError(
      "unauthorized",
      `${what}: send it as "Authorization: Bearer <key>" or as "X-API-Key: <key>".`,
    );
  };
}

/** True for a host that only this machine reaches. */
export function isLoopback(host: string): boolean {
  const name = host.replace(/^\[(.*)\]$/, "$1").toLowerCase();
  if (name === "localhost" || name === "::1") return true;
  return isIP(name) === 4 && name.startsWith("127.");
}

/**
 * Without a key only this machine's own programs are served: a web page of somebody else that makes the browser send
 * something here (a foreign `Origin`, or a name of its own that leads to this address) is refused.
 *
 * @throws DarkroomError `unauthorized`, from the check
 */
export function sameMachineCheck(request: FastifyRequest): void {
  const { host, origin } = request.headers;
  const refused = new DarkroomError(
    "unauthorized",
    "Without an API key only programs on this machine are served. Set DARKROOM_API_KEY to serve others.",
  );
  if (host === undefined || !URL.canParse(`http://${host}`)) throw refused;
  const address = new URL(`http://${host}`);
  if (!isLoopback(address.hostname)) throw refused;
  if (origin === undefined) return;
  if (!URL.canParse(origin) || !isLoopback(new URL(origin).hostname)) throw refused;
}

/**
 * Refuses to serve strangers: without a key the API listens on a loopback address only.
 *
 * @throws DarkroomError `invalid_settings`
 */
export function checkExposure(host: string, apiKey: string | undefined): void {
  if (apiKey !== undefined || isLoopback(host)) return;
  throw new DarkroomError(
    "invalid_settings",
    `Without an API key the API listens on this machine only, and not on "${host}". Set DARKROOM_API_KEY, or DARKROOM_HOST=127.0.0.1.`,
    { field: "DARKROOM_API_KEY" },
  );
}
