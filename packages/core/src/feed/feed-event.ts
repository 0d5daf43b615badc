import { z } from "zod";
import { BATCH_STATES } from "../batch/batch.ts";
import { PAUSERS } from "../batch/control.ts";
import { DESTINATION_FAULTS } from "../delivery/destination-fault.ts";
import { OUTCOME_CODES } from "../report/outcome.ts";
import { REVIEW_ORDERS } from "../review/review.ts";
import { MISSING_OUTCOMES, STUCK_REASONS } from "../schedules/schedule-policies.ts";

/** Why a webhook was disabled: by a user, by a 410 response, or after days of failures. */
export const WEBHOOK_DISABLERS = ["person", "gone", "failing"] as const;

const count = z.int().nonnegative();
const usd = z.number().nonnegative();

/** Indexes of portraits, as `rangesOf` writes them. */
const ranges = z.string().describe("Portraits that are in this review state now: `0-99,105`.");

/** Counts and costs of a batch at its end, over all rounds. */
const batchEnd = z.strictObject({
  total: count,
  succeeded: count,
  skipped: count,
  failed: count,
  cancelled: count,
  costUsd: usd.describe("Paid and delivered."),
  lostUsd: usd.describe("Paid and lost."),
  maybeUsd: usd.describe("Possibly paid."),
  reason: z.string().optional(),
});

/**
 * All events of the feed, and the data of each. The ledger's scripts write each event together with the reported change
 * (`scripts/lib/feed.lua`). `docs/api.md` lists the events.
 */
export const FEED_EVENTS = {
  "batch.accepted": z.strictObject({}),
  "batch.source_read": z.strictObject({
    portraits: count,
    invalid: count.describe("Portraits that failed because their row is invalid; they have no `portrait.failed`."),
    fault: z.string().optional().describe("Why the source could not be read to its end."),
  }),
  "batch.awaiting_confirmation": z.strictObject({}),
  "batch.confirmed": z.strictObject({}),
  "batch.started": z.strictObject({}),
  "batch.awaiting_approval": z.strictObject({}),
  "batch.approved": z.strictObject({}),
  "batch.paused": z.strictObject({ by: z.enum(PAUSERS), reason: z.string() }),
  "batch.resumed": z.strictObject({}),
  "batch.budget_changed": z.strictObject({ maxCostUsd: usd }),
  "batch.blocked": z.strictObject({
    what: z.enum(["lane", "destination"]),
    reason: z.enum(["auth", "balance", "outage", ...DESTINATION_FAULTS]),
    since: z.iso.datetime(),
    message: z.string(),
  }),
  "batch.unblocked": z.strictObject({}),
  "batch.unattended": z.strictObject({ message: z.string() }),
  "batch.attended": z.strictObject({}),
  "batch.failed_over": z.strictObject({ lane: z.string().describe("The lane that works on the batch from now on.") }),
  "batch.round_opened": z.strictObject({ rounds: z.array(z.int().positive()) }),
  "batch.stopped": z.strictObject({
    reason: z.string(),
    code: z.enum(OUTCOME_CODES).describe("The outcome of portraits that never start."),
  }),
  "batch.finishing": z.strictObject({}),
  "batch.completed": batchEnd,
  "batch.cancelled": batchEnd,
  "batch.failed": z.strictObject({ reason: z.string() }),
  "batch.recovered": z.strictObject({}),
  "batch.reviewed": z.strictObject({
    revision: z.int().positive().describe("Number of the line in the batch's review log."),
    by: z.string().describe("Id of the key that decided."),
    order: z.enum(REVIEW_ORDERS),
    note: z.string().optional(),
    approved: ranges.optional(),
    rejected: ranges.optional(),
    undecided: ranges.optional(),
  }),
  "portrait.failed": z.strictObject({
    index: count,
    code: z.enum(OUTCOME_CODES),
    billed: z.enum(["no", "maybe", "yes"]),
  }),
  "schedule.missed": z.strictObject({
    schedule: z.string(),
    at: z.iso.datetime().describe("When it was due."),
    outcome: z.enum(MISSING_OUTCOMES),
    batch: z.string().optional().describe("The batch that kept it from running."),
    message: z.string().optional(),
  }),
  "schedule.paused": z.strictObject({ schedule: z.string(), reason: z.string().optional() }),
  "schedule.resumed": z.strictObject({ schedule: z.string() }),
  "schedule.stuck": z.strictObject({
    schedule: z.string(),
    batch: z.string().describe("Its batch, which makes no progress until someone acts."),
    reason: z.enum(STUCK_REASONS),
    message: z.string(),
  }),
  "schedule.unstuck": z.strictObject({ schedule: z.string(), batch: z.string() }),
  "webhook.disabled": z.strictObject({ webhook: z.string(), by: z.enum(WEBHOOK_DISABLERS), reason: z.string() }),
} as const satisfies Readonly<Record<string, z.ZodObject>>;

export type FeedEventType = keyof typeof FEED_EVENTS;

export const FEED_EVENT_TYPES = Object.keys(FEED_EVENTS) as readonly FeedEventType[];

/** An event of the feed. */
export const feedEventSchema = z.strictObject({
  id: z.string().describe("Never given to two events. The same at every delivery."),
  batch: z.string().nullable().describe("Null for the events of schedules and webhooks."),
  tenant: z.string().describe("Owner of the batch, schedule or webhook."),
  sequence: z.int().positive().describe("Its number in its batch, schedule or webhook, from 1 without gaps."),
  at: z.iso.datetime().describe("Redis' clock."),
  type: z.enum(FEED_EVENT_TYPES),
  state: z.enum(BATCH_STATES).nullable().describe("The batch's state after the event."),
  data: z.record(z.string(), z.unknown()).describe("By `type`; see docs/api.md."),
});

type Envelope = Omit<z.infer<typeof feedEventSchema>, "type" | "data">;

/** The envelope of an event of a batch, or of a schedule or webhook. */
type EnvelopeOf<Type extends FeedEventType> = Type extends `${"schedule" | "webhook"}.${string}`
  ? Envelope & { readonly batch: null; readonly state: null }
  : Envelope & { readonly batch: string; readonly state: NonNullable<Envelope["state"]> };

export type FeedEvent = {
  readonly [Type in FeedEventType]: EnvelopeOf<Type> & {
    readonly type: Type;
    readonly data: z.infer<(typeof FEED_EVENTS)[Type]>;
  };
}[FeedEventType];
