import type { FastifyRequest } from "fastify";
import { z } from "zod";
import { DarkroomError } from "@darkroom/core";
import { FEED_START } from "@darkroom/ledger";

const POSITION = /^\d{1,16}-\d{1,20}$/;

/** The position after which a reader of a feed begins. */
export const feedQuery = z.strictObject({
  after: z
    .union([z.literal("0"), z.string().regex(POSITION)], { error: "must be an `id` of this stream, or 0" })
    .optional()
    .describe("Sends the events after this `id`; `0`: all kept events. Default: only events from now on."),
  follow: z
    .enum(["true", "false"])
    .optional()
    .describe("`false` closes the stream after the existing events. Default: true."),
});

/** Header with the reader's last event, which a browser sends when it reconnects. */
const LAST_EVENT_ID = "last-event-id";

/**
 * Returns the position after which a reader continues; undefined to begin now. The header takes precedence over the
 * query, because a browser repeats its first query when it reconnects.
 *
 * @throws DarkroomError `invalid_input` for a header that is not a position
 */
export function feedPosition(
  { headers }: Pick<FastifyRequest, "headers">,
  { after }: z.infer<typeof feedQuery>,
): string | undefined {
  const header = headers[LAST_EVENT_ID];
  const given = typeof header === "string" && header !== "" ? header : after;
  if (given === undefined) return undefined;
  if (given === "0") return FEED_START;
  if (POSITION.test(given)) return given;
  throw new DarkroomError("invalid_input", "Last-Event-ID must be an id of this stream.", { field: "Last-Event-ID" });
}
