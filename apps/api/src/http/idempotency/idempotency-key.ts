import type { FastifyRequest } from "fastify";
import { DarkroomError } from "@darkroom/core";

/**
 * Reads the `Idempotency-Key` of a request.
 *
 * @throws DarkroomError `invalid_input`
 */
export function idempotencyKey({ headers }: Pick<FastifyRequest, "headers">): string | undefined {
  const key = headers["idempotency-key"];
  if (key === undefined) return undefined;
  if (typeof key === "string" && /^[\x20-\x7e]{1,255}$/.test(key)) return key;
  throw new DarkroomError("invalid_input", "Idempotency-Key: must be 1 to 255 printable ASCII characters.", {
    field: "Idempotency-Key",
  });
}
