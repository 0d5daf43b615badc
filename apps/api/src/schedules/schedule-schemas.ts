import { z } from "zod";
import { BATCH_STATES, submissionSchema } from "@darkroom/core";
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

const CRON_SHAPE =
  'must be five fields (minute, hour, day of the month, month, day of the week), for instance "0 2 * * *", or six with the seconds first';

/** A repeatable submission: a prefix or a stored manifest, never rows or an upload. */
const scheduledSubmissionSchema = submissionSchema.omit({ rows: true }).extend({
  source: z
    .string({ error: "a schedule needs a source: a prefix or a manifest in a store, not rows or an upload" })
    .min(1),
  destination: z.string().min(1).describe("`{date}` becomes the day of the run, in the schedule's time zone."),
});

export const newScheduleSchema = named(
  "NewSchedule",
  z.strictObject({
    id: slugSchema.optional().describe("Generated if absent."),
    cron: z
      .string()
      .trim()
      .min(9, { error: CRON_SHAPE })
      .max(100, { error: CRON_SHAPE })
      .describe("Five or six fields: `0 2 * * *`."),
    timeZone: z
      .string()
      .max(60)
      .refine(isTimeZone, { error: 'must be an IANA time zone, for instance "Europe/Berlin"' }),
    submission: scheduledSubmissionSchema,
  }),
);

/** A tenant's schedule id is the tenant, a dot and the name. */
const SCHEDULE_ID = /^(?:[a-z0-9-]{1,40}\.)?[a-z0-9](?:[a-z0-9-]{0,58}[a-z0-9])?$/;

export const scheduleParams = z.object({
  id: z.string().regex(SCHEDULE_ID, { error: "must be a schedule's id: a-z, 0-9 and -, at most 60" }),
});

const count = z.int().min(0);

const scheduleRunSchema = named(
  "ScheduleRun",
  z.object({
    at: z.iso.datetime(),
    batchId: z.string().nullable(),
    outcome: z
      .enum(["started", "skipped_overlap", ...BATCH_STATES])
      .describe("The present state of its batch, or why there is none."),
    message: z.string().nullable().describe("Why there is no batch, or the batch's message about how it ended."),
    found: z
      .object({
        portraits: count.describe("New or changed photos, and rows of a manifest."),
        unchanged: count.describe("Photos that an earlier run had delivered."),
        failed: count,
      })
      .nullable()
      .describe("What it found in its source; null if it created no batch."),
  }),
);

export const scheduleSchema = named(
  "Schedule",
  z.object({
    id: z.string(),
    cron: z.string(),
    timeZone: z.string(),
    submission: scheduledSubmissionSchema,
    createdAt: z.iso.datetime(),
    nextRunAt: z.iso.datetime().nullable(),
    lastRun: scheduleRunSchema.nullable(),
  }),
);

export const createdScheduleSchema = named(
  "CreatedSchedule",
  scheduleSchema.extend({
    warnings: z.array(z.string()).readonly().describe("For instance a local source that does not exist yet."),
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
