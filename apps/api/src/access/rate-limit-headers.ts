import type { FastifyReply } from "fastify";
import type { CallQuota } from "@darkroom/access";

/** Name of the limit `callsPerMinute` in the headers. */
const POLICY = '"calls"';
const WINDOW_S = 60;

/** Tells a key's client how many calls it may make (`RateLimit` and `RateLimit-Policy` of the IETF's draft). */
export function showQuota(reply: FastifyReply, { callsPerMinute, remaining, seconds }: CallQuota): void {
  void reply
    .header("ratelimit-policy", `${POLICY};q=${callsPerMinute};w=${WINDOW_S}`)
    .header("ratelimit", `${POLICY};r=${remaining};t=${seconds}`);
}
