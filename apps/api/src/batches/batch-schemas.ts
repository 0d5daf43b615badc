import { z } from "zod";
import {
  BATCH_STATES,
  DESTINATION_FAULTS,
  MODES,
  OUTCOME_CODES,
  PAUSERS,
  PORTRAIT_STATES,
  PROVIDERS,
  WAIT_REASONS,
  type BatchStatus,
} from "@darkroom/core";
import { leftOutSchema } from "./left-out-schema.ts";
import { named } from "../http/schema-names.ts";

const count = z.int().min(0);

const countsSchema = z.object({
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
    count: count.describe("Portraits that wait for it; 0 where only the batch itself does."),
    nextLookAt: z.iso
      .datetime()
      .nullable()
      .describe("When the first of them is looked at again, by Redis' clock; null where an event ends the wait."),
    endsWhen: z.string().describe("What ends the wait."),
    message: z.string().nullable().describe("What was said last, where something failed."),
  }),
);

const blockedBatchSchema = named(
  "BlockedBatch",
  z.object({
    what: z
      .enum(["lane", "destination"])
      .describe("Whether its provider account does no work, or its destination takes no results."),
    reason: z.enum(["auth", "balance", "outage", ...DESTINATION_FAULTS]),
    since: z.iso.datetime(),
    message: z.string().describe("The provider's or the store's own words."),
    nextLookAt: z.iso.datetime().describe("When it is probed next; the batch goes on by itself once that works."),
  }),
);

const timeLeftSchema = named("TimeLeft", z.object({ low: count, likely: count, high: count }));

/** Core's `BatchStatus` as the API shows it. */
export const batchStatusSchema = named(
  "BatchStatus",
  z.object({
    id: z.string(),
    name: z.string().nullable(),
    schedule: z.string().nullable().describe("The id of the schedule whose run it is."),
    state: z.enum(BATCH_STATES),
    cancelling: z.boolean().describe("True from the moment that a person cancels it until it has ended."),
    revision: count.describe("Raised by whatever is decided about the whole batch; an order may name it."),
    lane: z.string().describe("The provider account that it was submitted to."),
    source: z.string().describe("Store URL of the prefix or manifest that it was made from."),
    recipe: z
      .object({
        provider: z.enum(PROVIDERS),
        mode: z.enum(MODES).nullable().describe("Null where the provider has no modes."),
        steps: z.array(z.string()).readonly().describe("The preset of each step, or the beginning of its prompt."),
      })
      .describe("What was ordered for each portrait."),
    destination: z.string().describe("Store URL of the destination."),
    createdAt: z.iso.datetime(),
    endedAt: z.iso.datetime().nullable(),
    ingested: z.boolean().describe("False while the source is still being read: `counts.total` may grow."),
    counts: countsSchema.describe("The states add up to `total` at every moment."),
    failures: z.record(z.string(), count).describe("How often each outcome code came, failures and cancellations."),
    costUsd: z
      .number()
      .describe("From the price table: paid for what was delivered so far and for what waits to be stored."),
    unstored: z
      .object({ portraits: count, usd: z.number() })
      .describe("Of the cost: what is paid for and not stored yet, portraits in flight included."),
    lostUsd: z.number().describe("Surely paid, and nothing was delivered for it."),
    maybeUsd: z.number().describe("The most that calls can have cost of which nobody knows whether they were paid."),
    estimatedCostUsd: z
      .number()
      .nullable()
      .describe("What it will have cost when all that is left is paid once; null where there is no price."),
    maxCostUsd: z.number().nullable().describe("Its budget."),
    maybeBilled: count.describe("Portraits of which nobody can know whether they were paid for."),
    ratePerSecond: z.number().nullable(),
    secondsLeft: timeLeftSchema
      .nullable()
      .describe("From the observed rate, as a range; null until enough has ended to say it with some truth."),
    blocked: blockedBatchSchema
      .nullable()
      .describe("Why it starts no portrait at present; nobody has to do anything to it."),
    unattended: z
      .object({
        missing: z.array(z.enum(["worker", "producer"])).readonly(),
        lacks: z
          .array(z.string())
          .readonly()
          .describe(
            "What the batch needs and no process that is there has: an account's key, a store, a newer version.",
          ),
        since: z.iso
          .datetime()
          .nullable()
          .describe("When the last of those that are not there was seen; null when none was."),
        message: z.string(),
      })
      .nullable()
      .describe("Set while a batch that should go on has nobody to do it, or nobody who has what it needs."),
    waiting: z
      .array(waitingSchema)
      .readonly()
      .describe("What its portraits, and the batch itself, wait for; empty when nothing waits."),
    fallback: z
      .object({
        lane: z.string(),
        afterMinutes: z.number().describe("How long the batch's own lane must have been blocked."),
        since: z.iso.datetime().nullable().describe("Since when it does the work; null while the own lane does."),
      })
      .nullable()
      .describe("Who takes over when the lane stays blocked; null where none was wished for."),
    pausedBy: z.enum(PAUSERS).nullable().describe("Who or what paused it."),
    pilot: count.nullable().describe("Portraits that are enhanced before somebody approves the rest."),
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
      .describe("Rounds after the first: what was opened again."),
    reason: z.string().nullable().describe("Why it is paused, cancelled or failed."),
    report: z.string().nullable().describe("Where the report is, once the batch has ended."),
    leftOut: leftOutSchema,
    consistency: z
      .object({
        score: count.describe("0 to 100, where 100 is a team of which no two portraits differ visibly."),
        measured: count.describe("Portraits that were compared."),
        review: count.describe("Portraits that stand out: see the report's column of that name."),
      })
      .nullable()
      .describe("How much alike its portraits are, once it has ended; null for fewer than three."),
  }) satisfies z.ZodType<BatchStatus>,
);

/** Batch id parameter. An id that cannot exist is simply not found. */
export const batchParams = z.object({ id: z.string().min(1).max(64) });

/** An integer in a query string. */
export function queryInt(minimum: number, maximum: number) {
  return z
    .string()
    .regex(/^\d{1,15}$/, { error: "must be a whole number" })
    .transform(Number)
    .pipe(z.int().min(minimum).max(maximum));
}
