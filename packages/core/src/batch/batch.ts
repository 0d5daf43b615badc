import { z } from "zod";
import { batchNeedsSchema } from "./batch-needs-schema.ts";
import { controlSchema, type Pauser } from "./control.ts";
import { overwriteSchema } from "../delivery/at-destination.ts";
import type { DestinationFault } from "../delivery/destination-fault.ts";
import type { BatchConsistency } from "../consistency/consistency.ts";
import type { BatchLikeness } from "../likeness/team-likeness.ts";
import type { LeftBehindCounts } from "../delivery/left-behind.ts";
import { priceTableSchema } from "../money/price-table.ts";
import type { LeftOut } from "./left-out.ts";
import { manifestSourcesSchema } from "./manifest-sources.ts";
import { tenantSchema } from "./tenant.ts";
import { recipeSchema } from "../recipe/recipe.ts";
import type { RecipeSummary } from "../recipe/recipe-summary.ts";
import type { OutcomeCode } from "../report/outcome.ts";
import type { ReviewStatus } from "../review/review.ts";
import type { PortraitCounts } from "./portrait.ts";
import type { Waiting } from "./wait-reason.ts";

/**
 * A batch's states.
 *
 *   ingesting ──▶ (awaiting_confirmation) ──▶ running ⇄ paused ──▶ finishing ──▶ completed | completed_with_failures
 *                                                ⇅                       ▲        | cancelled | failed
 *                                        (awaiting_approval)             └─retry──┘
 *
 * Dispatch starts while a batch is still ingesting, unless it needs a confirmation or a pilot first. A user, the
 * failure breaker or the budget pauses a batch. A batch whose source cannot be read at all ends as `failed`.
 */
export const BATCH_STATES = [
  "ingesting",
  "awaiting_confirmation",
  "running",
  "awaiting_approval",
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

const sourceSchema = z.discriminatedUnion("kind", [
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
    /** The manifest's URL: `s3://bucket/team.csv` or `file:///team.jsonl`. */
    url: z.string(),
    format: z.enum(["csv", "jsonl"]),
    /**
     * Relative sources of the rows are keys under this URL. A manifest that was sent inline may have none; its sources
     * must then be absolute.
     */
    baseUrl: z.string().optional(),
    /** Stores outside of `baseUrl` that the rows may name, frozen when the batch was accepted. Absent: none. */
    manifestSources: manifestSourcesSchema.optional(),
    /**
     * Prefixes that the submitter's key may read. Rows must not name stores outside of these prefixes. Absent: no
     * limit.
     */
    within: z.array(z.string()).optional(),
    /** See the submission's field. */
    carry: z.array(z.string()).optional(),
    skipBadRows: z.boolean().optional(),
  }),
]);

export type BatchSource = z.infer<typeof sourceSchema>;

/** True if a batch's rows may choose their own mode. Rows of a folder have no columns. */
export function rowsChoose({ kind }: Pick<BatchSource, "kind">): boolean {
  return kind !== "prefix";
}

/**
 * The specification of a batch, frozen when it is accepted. Stored in the ledger and as `batch.json` in the object
 * store.
 */
export const batchSpecSchema = z.strictObject({
  /** See `BATCH_FORMAT`. */
  format: z.int(),
  id: z.string(),
  name: z.string().optional(),
  createdAt: z.iso.datetime(),
  /** The batch's tenant. Absent: the default tenant. */
  tenant: tenantSchema.optional(),
  source: sourceSchema,
  destination: z.strictObject({
    /** `s3://bucket/prefix/` or `file:///folder/`. */
    url: z.string(),
    /** Template of the destination key; see `destination.ts`. Defaults to the source's relative path. */
    template: z.string().optional(),
    /** See the submission's field. */
    overwrite: overwriteSchema.optional(),
  }),
  recipe: recipeSchema,
  /** The provider account whose queue the batch uses. */
  lane: z.string(),
  control: controlSchema.optional(),
  /**
   * Call prices from the price table at the time of acceptance. Every process uses these, never its own price table.
   */
  prices: priceTableSchema,
  /** Absent in batches that any process may work on. */
  needs: batchNeedsSchema.optional(),
  schedule: z
    .strictObject({
      id: z.string(),
      /** Store URL of the schedule's delivery notes. */
      deliveredUrl: z.string(),
      /** Common prefix of the result URLs of all runs; may end within a folder's name. */
      resultsUrl: z.string(),
    })
    .optional(),
});

export type BatchSpec = z.infer<typeof batchSpecSchema>;

/** Why a lane is blocked, as shown for a running batch. */
export interface Blocked {
  readonly reason: "auth" | "balance" | "outage";
  /** ISO 8601. */
  readonly since: string;
  readonly message: string;
}

/** Why a running batch makes no progress: its lane is blocked, or its destination accepts no results. */
export interface BlockedBatch {
  readonly what: "lane" | "destination";
  readonly reason: Blocked["reason"] | DestinationFault;
  /** ISO 8601. */
  readonly since: string;
  /** The provider's or the store's own message. */
  readonly message: string;
  /** Time of the next probe (ISO 8601). The batch continues once a probe succeeds. */
  readonly nextLookAt: string;
}

/** Pictures that are paid for but not stored yet. */
interface Unstored {
  readonly portraits: number;
  readonly usd: number;
}

/** Why a batch that should be running has no process. */
export interface Unattended {
  readonly missing: readonly ("worker" | "producer")[];
  /** Requirements of the batch that the running processes do not meet; empty if there are no processes. */
  readonly lacks: readonly string[];
  /** When the missing process was last seen (ISO 8601); null if never. */
  readonly since: string | null;
  readonly message: string;
}

/** A later round as shown on a status page. */
interface RoundStatus {
  readonly number: number;
  /** ISO 8601. */
  readonly at: string;
  readonly codes: readonly OutcomeCode[];
  /** Number of portraits that the round reopened. */
  readonly opened: number;
}

/** Estimated remaining time of a batch, in seconds. */
export interface TimeLeft {
  readonly low: number;
  readonly likely: number;
  readonly high: number;
}

/** The fallback of a batch's lane, as shown on a status page. */
export interface FallbackStatus {
  readonly lane: string;
  /** How long the batch's own lane must have been blocked before the failover. */
  readonly afterMinutes: number;
  /** When the fallback took over (ISO 8601); null while the batch uses its own lane. */
  readonly since: string | null;
}

/** A batch as shown on a status page. */
export interface BatchStatus {
  readonly id: string;
  readonly name: string | null;
  /** The schedule that started the batch. */
  readonly schedule: string | null;
  readonly state: BatchState;
  /** True from a user's cancellation until the batch has ended. */
  readonly cancelling: boolean;
  /** Incremented by every decision about the whole batch. */
  readonly revision: number;
  readonly lane: string;
  /** Store URL of the source prefix or manifest. */
  readonly source: string;
  readonly recipe: RecipeSummary;
  /** Store URL of the destination. */
  readonly destination: string;
  readonly createdAt: string;
  readonly endedAt: string | null;
  /** False while the source is still being read, so that `counts.total` may grow. */
  readonly ingested: boolean;
  readonly counts: PortraitCounts;
  readonly failures: Readonly<Record<string, number>>;
  /** Amount paid for delivered portraits and for results that wait to be stored. */
  readonly costUsd: number;
  /** Part of the cost that is paid but not stored yet, including portraits in flight. */
  readonly unstored: Unstored;
  /** Amount that was certainly paid without a delivered result. */
  readonly lostUsd: number;
  /** Upper bound for calls that may or may not have been paid. */
  readonly maybeUsd: number;
  /** Estimated cost if every remaining call is paid once; null if a price is missing. */
  readonly estimatedCostUsd: number | null;
  /**
   * Highest price of one more portrait with the latest recipe, with each step paid once; null if a price is missing.
   */
  readonly portraitUsd: number | null;
  readonly maxCostUsd: number | null;
  readonly maybeBilled: number;
  /** Null while no portrait moves: the batch is paused, waits or has no process. */
  readonly ratePerSecond: number | null;
  /** Null until enough portraits have ended for an estimate. */
  readonly secondsLeft: TimeLeft | null;
  readonly blocked: BlockedBatch | null;
  /** Null while a process works on the batch, or none is needed. */
  readonly unattended: Unattended | null;
  /** Wait reasons of the portraits and of the batch itself. The counts add up to the number of waiting portraits. */
  readonly waiting: readonly Waiting[];
  /** Null if no fallback was ordered. */
  readonly fallback: FallbackStatus | null;
  /** Why the batch is paused; null when it is not. */
  readonly pausedBy: Pauser | null;
  /** Number of portraits enhanced before a user approves the rest; null without a pilot, or after it. */
  readonly pilot: number | null;
  /** ISO 8601. */
  readonly deadline: string | null;
  /** Rounds after the first. */
  readonly rounds: readonly RoundStatus[];
  /** The reason for a pause or failure, if known. */
  readonly reason: string | null;
  readonly report: string | null;
  /** Files that the source's listing left out. Empty until the source was read to its end, and for a manifest. */
  readonly leftOut: LeftOut;
  /** The consistency of the portraits, once the batch has ended; null for fewer than three. */
  readonly consistency: BatchConsistency | null;
  /** The likeness of the results to their sources, once the batch has ended; null if no face was compared. */
  readonly likeness: BatchLikeness | null;
  /**
   * Counts of portraits that ended without their picture although a file exists at their key. Empty until the batch has
   * ended.
   */
  readonly leftBehind: LeftBehindCounts;
  /** Users' decisions about its results. */
  readonly review: ReviewStatus;
  /** Position of the newest event in the batch's feed; null for a batch of an older version. */
  readonly lastEvent: string | null;
}
