import { z } from "zod";
import {
  BATCH_STATES,
  lineSchema,
  MISSED_POLICIES,
  OVERLAP_POLICIES,
  STUCK_REASONS,
  submissionSchema,
} from "@darkroom/core";
import { named } from "../http/schema-names.ts";

/** A name for URLs and keys. */
const SLUG = /^[a-z0-9](?:[a-z0-9-]{0,58}[a-z0-9])?$/;

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}

const slugSchema = z.string().regex(SLUG, { error: "must be a slug: a-z, 0-9 and -, at most 60" });

/** A repeatable submission: a prefix or a stored manifest, never rows or an upload. */
const scheduledSubmissionSchema = submissionSchema.omit({ rows: true }).extend({
  source: z
    .string({ error: "a schedule needs a source: a prefix or a manifest in a store, not rows or an upload" })
    .min(1),
  destination: z.string().min(1).describe("`{date}` becomes the day of the run, in the schedule's time zone."),
});

const OVERLAP =
  "What a run does while the last batch has not ended: nothing; wait for its end, as one run for all that wait; or cancel it, and start when it has ended.";
const MISSED =
  "What happens to runs that no producer could start within five minutes: nothing, or one run for all of them.";

export const newScheduleSchema = named(
  "NewSchedule",
  z.strictObject({
    id: slugSchema.optional().describe("Generated if absent."),
    cron: z
      .string()
      .trim()
      .max(100)
      .describe("Five or six fields: `0 2 * * *`; or `@hourly`, `@daily`, `@weekly`, `@monthly`, `@yearly`."),
    timeZone: z
      .string()
      .max(60)
      .refine(isTimeZone, { error: 'must be an IANA time zone, for instance "Europe/Berlin"' }),
    overlap: z.enum(OVERLAP_POLICIES).default("skip").describe(OVERLAP),
    missed: z.enum(MISSED_POLICIES).default("skip").describe(MISSED),
    submission: scheduledSubmissionSchema,
  }),
);

export const pauseScheduleBody = z
  .strictObject({ reason: lineSchema(500).optional().describe("Shown with the schedule.") })
  .nullish();

/** A tenant's schedule id is the tenant, a dot and the name. */
const SCHEDULE_ID = /^(?:[a-z0-9-]{1,40}\.)?[a-z0-9](?:[a-z0-9-]{0,58}[a-z0-9])?$/;

export const scheduleParams = z.object({
  id: z.string().regex(SCHEDULE_ID, { error: "must be a schedule's id: a-z, 0-9 and -, at most 60" }),
});

const count = z.int().min(0);
const usd = z.number().min(0);

const scheduleRunSchema = named(
  "ScheduleRun",
  z.object({
    at: z.iso.datetime(),
    batchId: z.string().nullable(),
    outcome: z
      .enum(["started", "queued", "skipped_overlap", "skipped_paused", "missed", ...BATCH_STATES])
      .describe("The present state of its batch, or why it has none."),
    message: z.string().nullable().describe("Why there is no batch, or the batch's message about its end."),
    covers: count.describe("Number of due times that the run covers."),
    found: z
      .object({
        portraits: count.describe("New or changed photos, and rows of a manifest: accepted for its batch."),
        unchanged: count.describe("Photos that an earlier run delivered."),
        leftOut: count.describe("Files that are not photos."),
      })
      .nullable()
      .describe("The contents of its source; null if it created no batch."),
    did: z
      .object({
        succeeded: count,
        skipped: count.describe("Already delivered."),
        failed: count,
        cancelled: count,
      })
      .nullable()
      .describe("The outcomes of its portraits."),
    cost: z
      .object({
        costUsd: usd.describe("Paid and delivered."),
        lostUsd: usd.describe("Paid and lost."),
        maybeUsd: usd.describe("Possibly paid."),
      })
      .nullable()
      .describe("The cost of its batch."),
  }),
);

export const scheduleSchema = named(
  "Schedule",
  z.object({
    id: z.string(),
    cron: z.string(),
    timeZone: z.string(),
    overlap: z.enum(OVERLAP_POLICIES).describe(OVERLAP),
    missed: z.enum(MISSED_POLICIES).describe(MISSED),
    submission: scheduledSubmissionSchema,
    createdAt: z.iso.datetime(),
    paused: z
      .object({ at: z.iso.datetime(), reason: z.string().nullable() })
      .nullable()
      .describe("Set while a user's pause prevents runs."),
    nextRunAt: z.iso.datetime().nullable().describe("Null while the schedule is paused."),
    nextRuns: z.array(z.iso.datetime()).describe("The next five; none while the schedule is paused."),
    queuedFor: z.iso
      .datetime()
      .nullable()
      .describe("Due time of the run that starts as soon as the current batch ends."),
    stuck: z
      .object({ batchId: z.string(), reason: z.enum(STUCK_REASONS), message: z.string() })
      .nullable()
      .describe("Why the schedule's batch makes no progress until someone acts."),
    lastRun: scheduleRunSchema.nullable(),
  }),
);

export const createdScheduleSchema = named(
  "CreatedSchedule",
  scheduleSchema.extend({
    warnings: z.array(z.string()).readonly().describe("For example, a local source that does not exist yet."),
  }),
);

export const scheduleWithRunsSchema = named(
  "ScheduleWithRuns",
  scheduleSchema.extend({ runs: z.array(scheduleRunSchema).describe("The last 20 runs, newest first.") }),
);

export const orderedRunSchema = named(
  "OrderedRun",
  scheduleSchema.extend({
    batchId: z
      .string()
      .describe("Id of the run's batch. The batch may not exist yet if no producer has started the run."),
  }),
);
