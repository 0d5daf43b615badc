import { z } from "zod";
import {
  BATCH_STATES,
  DESTINATION_FAULTS,
  LEFT_BEHIND,
  MODES,
  OUTCOME_CODES,
  PAUSERS,
  PORTRAIT_STATES,
  PROVIDERS,
  WAIT_REASONS,
  type BatchStatus,
  batchLikenessSchema,
} from "@darkroom/core";
import { leftOutSchema } from "./left-out-schema.ts";
import { named } from "../http/schema-names.ts";

const count = z.int().min(0);

export const countsSchema = z.object({
  total: count,
  ...(Object.fromEntries(PORTRAIT_STATES.map((state) => [state, count])) as Record<
    (typeof PORTRAIT_STATES)[number],
    typeof count
  >),
});

export const blockedSchema = named(
  "Blocked",
  z.object({
    reason: z.enum(["auth", "balance", "outage"]),
    since: z.iso.datetime(),
    message: z.string(),
  }),
);

const waitingSchema = named(
  "Waiting",
  z.object({
    reason: z.enum(WAIT_REASONS),
    count: count.describe("Number of waiting portraits; 0 if only the batch itself waits."),
    nextLookAt: z.iso
      .datetime()
      .nullable()
      .describe("When the first of them is tried again, by Redis' clock; null if an event ends the wait."),
    endsWhen: z.string().describe("The event that ends the wait."),
    message: z.string().nullable().describe("The latest error message, if something failed."),
  }),
);

const blockedBatchSchema = named(
  "BlockedBatch",
  z.object({
    what: z
      .enum(["lane", "destination"])
      .describe("True if its provider account is blocked, or its destination accepts no results."),
    reason: z.enum(["auth", "balance", "outage", ...DESTINATION_FAULTS]),
    since: z.iso.datetime(),
    message: z.string().describe("The provider's or the store's own message."),
    nextLookAt: z.iso.datetime().describe("Time of the next probe. The batch continues once a probe succeeds."),
  }),
);

const timeLeftSchema = named("TimeLeft", z.object({ low: count, likely: count, high: count }));

export const reviewSchema = named(
  "Review",
  z.object({
    revision: count.describe("Number of the latest line of the review log; 0 if there is none."),
    undecided: count.describe("Results without a decision."),
    approved: count,
    rejected: count,
  }),
);

/** Core's `BatchStatus` as returned by the API. */
export const batchStatusSchema = named(
  "BatchStatus",
  z.object({
    id: z.string(),
    name: z.string().nullable(),
    schedule: z.string().nullable().describe("Id of the schedule that started it."),
    state: z.enum(BATCH_STATES),
    cancelling: z.boolean().describe("True from a user's cancellation until the batch has ended."),
    revision: count.describe("Incremented by every decision about the whole batch; an order may name it."),
    lane: z.string().describe("The provider account that it was submitted to."),
    source: z.string().describe("Store URL of its source prefix or manifest."),
    recipe: z
      .object({
        provider: z.enum(PROVIDERS),
        mode: z.enum(MODES).nullable().describe("Null if the provider has no modes."),
        steps: z.array(z.string()).readonly().describe("The preset of each step, or the beginning of its prompt."),
      })
      .describe("The pictures ordered for each portrait."),
    destination: z.string().describe("Store URL of the destination."),
    createdAt: z.iso.datetime(),
    endedAt: z.iso.datetime().nullable(),
    ingested: z.boolean().describe("False while the source is still being read, so that `counts.total` may grow."),
    counts: countsSchema.describe("The states add up to `total` at every moment."),
    failures: z
      .record(z.string(), count)
      .describe("Number of portraits per outcome code, for failures and cancellations."),
    costUsd: z
      .number()
      .describe("By the price table: paid for delivered portraits and for results that wait to be stored."),
    unstored: z
      .object({ portraits: count, usd: z.number() })
      .describe("Part of the cost that is paid but not stored yet, including portraits in flight."),
    lostUsd: z.number().describe("Certainly paid, with nothing delivered."),
    maybeUsd: z.number().describe("Upper bound for calls that may or may not have been paid."),
    estimatedCostUsd: z
      .number()
      .nullable()
      .describe("Estimated cost if every remaining portrait is paid once; null if a price is missing."),
    portraitUsd: z
      .number()
      .nullable()
      .describe(
        "Highest price of one more portrait with the latest recipe, each step paid once; null if a price is missing.",
      ),
    maxCostUsd: z.number().nullable().describe("Its budget."),
    maybeBilled: count.describe("Portraits that may or may not have been paid for."),
    ratePerSecond: z
      .number()
      .nullable()
      .describe("Portraits that end per second; null while the batch is paused, waits or has no process."),
    secondsLeft: timeLeftSchema
      .nullable()
      .describe("A range from the observed rate; null until enough portraits have ended for an estimate."),
    blocked: blockedBatchSchema
      .nullable()
      .describe("Why it currently starts no portraits. It continues without a user's action."),
    unattended: z
      .object({
        missing: z.array(z.enum(["worker", "producer"])).readonly(),
        lacks: z
          .array(z.string())
          .readonly()
          .describe(
            "What the batch needs and none of the running processes has: an account's key, a store, a newer version.",
          ),
        since: z.iso.datetime().nullable().describe("When the last missing process was seen; null if none ever was."),
        message: z.string(),
      })
      .nullable()
      .describe("Set while the batch should be running but no process can work on it, or none meets its needs."),
    waiting: z
      .array(waitingSchema)
      .readonly()
      .describe("Wait reasons of its portraits and of the batch itself; empty if nothing waits."),
    fallback: z
      .object({
        lane: z.string(),
        afterMinutes: z.number().describe("How long the batch's own lane must have been blocked."),
        since: z.iso
          .datetime()
          .nullable()
          .describe("When the fallback took over; null while the batch uses its own lane."),
      })
      .nullable()
      .describe("The fallback for a blocked lane; null if none was ordered."),
    pausedBy: z.enum(PAUSERS).nullable().describe("The cause of the pause."),
    pilot: count.nullable().describe("Portraits that are enhanced before a user approves the rest."),
    deadline: z.string().nullable(),
    rounds: z
      .array(
        z.object({
          number: count,
          at: z.iso.datetime(),
          codes: z.array(z.enum(OUTCOME_CODES)).readonly(),
          opened: count,
        }),
      )
      .readonly()
      .describe("Rounds after the first, with the portraits that they reopened."),
    reason: z.string().nullable().describe("The reason for a pause, cancellation or failure."),
    report: z.string().nullable().describe("URL of the report, once the batch has ended."),
    leftOut: leftOutSchema,
    consistency: z
      .object({
        score: count.describe("0 to 100; at 100, no two portraits of the team differ visibly."),
        measured: count.describe("Number of compared portraits."),
        review: count.describe("Number of portraits that stand out; see the report's column `review`."),
      })
      .nullable()
      .describe("How consistent its portraits are, once it has ended; null for fewer than three."),
    likeness: batchLikenessSchema
      .nullable()
      .describe("How much the results look like their photos, once it has ended; null if no face was compared."),
    leftBehind: z
      .partialRecord(z.enum(LEFT_BEHIND), count)
      .describe(
        "Portraits that ended without their picture although a file is at their key, by the kind of file; see the report's column `leftBehind`.",
      ),
    review: reviewSchema.describe("The decisions about its results."),
    lastEvent: z
      .string()
      .nullable()
      .describe("Id of its newest event: `events?after=` continues from there. Null in batches of older versions."),
  }) satisfies z.ZodType<BatchStatus>,
);

/** Batch id parameter. An id that cannot exist is reported as not found. */
export const batchParams = z.object({ id: z.string().min(1).max(64) });

/** An integer in a query string. */
export function queryInt(minimum: number, maximum: number) {
  return z
    .string()
    .regex(/^\d{1,15}$/, { error: "must be a whole number" })
    .transform(Number)
    .pipe(z.int().min(minimum).max(maximum));
}
