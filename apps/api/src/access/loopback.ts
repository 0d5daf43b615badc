import { isIP } from "node:net";
import type { FastifyRequest } from "fastify";
import { DarkroomError } from "@darkroom/core";

/** True for a loopback host. */
export function isLoopback(host: string): boolean {
  const name = host.replace(/^\[(.*)\]$/, "$1").toLowerCase();
  if (name === "localhost" || name === "::1") return true;
  return isIP(name) === 4 && name.startsWith("127.");
}

/**
 * Without an API key, accepts only programs on this machine. Refuses requests that a foreign web page sends through the
 * browser: with a foreign `Origin`, or with a foreign host name that resolves to this address.
 *
 * @throws DarkroomError `unauthorized`, from the check
 */
export function sameMachineCheck(request: FastifyRequest): void {
  const { host, origin } = request.headers;
  const refused = new DarkroomError(
    "unauthorized",
    "Without an API key, only programs on this machine are served. Set DARKROOM_API_KEY to serve others.",
  );
  if (host === undefined || !URL.canParse(`http://${host}`)) throw refused;
  const address = new URL(`http://${host}`);
  if (!isLoopback(address.hostname)) throw refused;
  if (origin === undefined) return;
  if (!URL.canParse(origin) || !isLoopback(new URL(origin).hostname)) throw refused;
}

/**
 * Rejects an address other than loopback if no API key is set.
 *
 * @throws DarkroomError `invalid_settings`
 */
export function checkExposure(host: string, apiKey: string | undefined): void {
  if (apiKey !== undefined || isLoopback(host)) return;
  throw new DarkroomError(
    "invalid_settings",
    `Without an API key, the API listens on this machine only, not on "${host}". Set DARKROOM_API_KEY, or DARKROOM_HOST=127.0.0.1.`,
    { field: "DARKROOM_API_KEY" },
  );
}
