import { z } from "zod";
import { recipeSchema } from "./recipe.ts";
import type { PortraitCounts } from "./portrait.ts";

/**
 * A batch's states.
 *
 *   ingesting ──▶ running ⇄ paused ──▶ finishing ──▶ completed | completed_with_failures | cancelled | failed
 *
 * Dispatch starts while a batch is still ingesting. `failed` is a batch whose source could not be read at all.
 */
export const BATCH_STATES = [
  "ingesting",
  "running",
  "paused",
  "finishing",
  "completed",
  "completed_with_failures",
  "cancelled",
  "failed",
] as const;

export type BatchState = (typeof BATCH_STATES)[number];

const ENDED: readonly BatchState[] = ["completed", "completed_with_failures", "cancelled", "failed"];

/** True for a state that a batch does not leave by itself. */
export function isEnded(state: BatchState): boolean {
  return ENDED.includes(state);
}

export const sourceSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("prefix"),
    /** `s3://bucket/prefix/` or `file:///folder/`. */
    url: z.string(),
    /** Globs on the key under the prefix. Defaults to every image type. */
    include: z.array(z.string()).optional(),
    exclude: z.array(z.string()).optional(),
  }),
  z.strictObject({
    kind: z.literal("manifest"),
    /** Where the manifest is: `s3://bucket/team.csv` or `file:///team.jsonl`. */
    url: z.string(),
    format: z.enum(["csv", "jsonl"]),
    /** Relative sources of the rows are keys under this. Defaults to the manifest's own folder. */
    baseUrl: z.string(),
  }),
]);

export type BatchSource = z.infer<typeof sourceSchema>;

/** What is frozen about a batch when it is accepted; kept in the ledger and as `batch.json` in the object store. */
export const batchSpecSchema = z.strictObject({
  id: z.string(),
  name: z.string().optional(),
  createdAt: z.iso.datetime(),
  source: sourceSchema,
  destination: z.strictObject({
    /** `s3://bucket/prefix/` or `file:///folder/`. */
    url: z.string(),
    /** Template of the destination key; see `destination.ts`. Defaults to the source's relative path. */
    template: z.string().optional(),
  }),
  recipe: recipeSchema,
  /** The provider account whose queue does the work. */
  lane: z.string(),
  schedule: z
    .strictObject({
      id: z.string(),
      /** Store URL of the schedule's memory of what it has delivered. */
      deliveredUrl: z.string(),
    })
    .optional(),
});

export type BatchSpec = z.infer<typeof batchSpecSchema>;

/** Why a lane does no work at present, as a running batch shows it. */
export interface Blocked {
  readonly reason: "auth" | "balance" | "outage";
  /** ISO 8601. */
  readonly since: string;
  readonly message: string;
}

/** Everything that a status page says of a batch. */
export interface BatchStatus {
  readonly id: string;
  readonly name: string | null;
  readonly state: BatchState;
  readonly lane: string;
  /** Store URL of the destination. */
  readonly destination: string;
  readonly createdAt: string;
  readonly endedAt: string | null;
  /** False while the source is still being read, so that `counts.total` may grow. */
  readonly ingested: boolean;
  readonly counts: PortraitCounts;
  readonly failures: Readonly<Record<string, number>>;
  readonly costUsd: number;
  readonly maybeBilled: number;
  readonly ratePerSecond: number | null;
  readonly secondsLeft: number | null;
  readonly blocked: Blocked | null;
  /** Why it is paused or failed, where somebody or something said so. */
  readonly reason: string | null;
  readonly report: string | null;
}
