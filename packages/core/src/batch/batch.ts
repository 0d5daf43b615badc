import { z } from "zod";
import { batchNeedsSchema } from "./batch-needs.ts";
import { controlSchema, type Pauser } from "./control.ts";
import type { DestinationFault } from "../delivery/destination-block.ts";
import type { BatchConsistency } from "../consistency/consistency.ts";
import { priceTableSchema } from "../money/price-table.ts";
import type { LeftOut } from "./left-out.ts";
import { manifestSourcesSchema } from "./manifest-sources.ts";
import { recipeSchema } from "../recipe/recipe.ts";
import type { RecipeSummary } from "../recipe/recipe-summary.ts";
import type { OutcomeCode } from "../report/outcome.ts";
import type { PortraitCounts } from "./portrait.ts";
import type { Waiting } from "./wait-reason.ts";

/**
 * A batch's states.
 *
 *   ingesting ──▶ (awaiting_confirmation) ──▶ running ⇄ paused ──▶ finishing ──▶ completed | completed_with_failures
 *                                                ⇅                       ▲        | cancelled | failed
 *                                        (awaiting_approval)             └─retry──┘
 *
 * Dispatch starts while a batch is still ingesting, where nobody has to confirm it and no pilot comes first. A person,
 * the failure breaker or the budget pauses it. `failed` is a batch whose source could not be read at all.
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
    /** Where the manifest is: `s3://bucket/team.csv` or `file:///team.jsonl`. */
    url: z.string(),
    format: z.enum(["csv", "jsonl"]),
    /** Relative sources of the rows are keys under this. Without it no row may have one: the manifest was sent and lies nowhere. */
    baseUrl: z.string().optional(),
    /** What its rows may name in stores outside of `baseUrl`, as it was when the batch was accepted. Absent: nothing. */
    manifestSources: manifestSourcesSchema.optional(),
    /** See the submission's. */
    carry: z.array(z.string()).optional(),
  }),
]);

export type BatchSource = z.infer<typeof sourceSchema>;

/** Whether a batch's rows may ask for a mode of their own: those of a folder are keys and nothing else. */
export function rowsChoose({ kind }: Pick<BatchSource, "kind">): boolean {
  return kind !== "prefix";
}

/** What is frozen about a batch when it is accepted; kept in the ledger and as `batch.json` in the object store. */
export const batchSpecSchema = z.strictObject({
  /** See `BATCH_FORMAT`. */
  format: z.int(),
  id: z.string(),
  name: z.string().optional(),
  createdAt: z.iso.datetime(),
  source: sourceSchema,
  destination: z.strictObject({
    /** `s3://bucket/prefix/` or `file:///folder/`. */
    url: z.string(),
    /** Template of the destination key; see `destination.ts`. Defaults to the source's relative path. */
    template: z.string().optional(),
    /** See the submission's. */
    overwrite: z.boolean().optional(),
  }),
  recipe: recipeSchema,
  /** The provider account whose queue does the work. */
  lane: z.string(),
  control: controlSchema.optional(),
  /** What its calls cost, as the table had it when the batch was accepted. No process counts by a table of its own. */
  prices: priceTableSchema,
  /** Absent in batches that any process may work on. */
  needs: batchNeedsSchema.optional(),
  schedule: z
    .strictObject({
      id: z.string(),
      /** Store URL of the schedule's memory of what it has delivered. */
      deliveredUrl: z.string(),
      /** What the URLs of all runs' results begin with; need not be a whole folder's. */
      resultsUrl: z.string(),
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

/** What a running batch rests for: its lane's account does no work, or its destination takes no results. */
export interface BlockedBatch {
  readonly what: "lane" | "destination";
  readonly reason: Blocked["reason"] | DestinationFault;
  /** ISO 8601. */
  readonly since: string;
  /** The provider's or the store's own words. */
  readonly message: string;
  /** ISO 8601: when it is probed next; it goes on by itself once that works. */
  readonly nextLookAt: string;
}

/** Pictures that are paid for and not stored yet. */
interface Unstored {
  readonly portraits: number;
  readonly usd: number;
}

/** That a batch which should go on has nobody to do it. */
export interface Unattended {
  readonly missing: readonly ("worker" | "producer")[];
  /** What the batch needs and those that are there have not; empty where none of them is there. */
  readonly lacks: readonly string[];
  /** ISO 8601: when the last of them was seen; null when none was. */
  readonly since: string | null;
  readonly message: string;
}

/** One more round, as a status page shows it. */
interface RoundStatus {
  readonly number: number;
  /** ISO 8601. */
  readonly at: string;
  readonly codes: readonly OutcomeCode[];
  /** How many portraits it opened again. */
  readonly opened: number;
}

/** How long a batch will still take, in seconds. */
export interface TimeLeft {
  readonly low: number;
  readonly likely: number;
  readonly high: number;
}

/** Who takes over from a batch's lane, as a status page shows it. */
export interface FallbackStatus {
  readonly lane: string;
  /** How long the batch's own lane must have been blocked. */
  readonly afterMinutes: number;
  /** Since when it does the work, ISO 8601; null while the batch's own lane does. */
  readonly since: string | null;
}

/** Everything that a status page says of a batch. */
export interface BatchStatus {
  readonly id: string;
  readonly name: string | null;
  /** The schedule whose run it is. */
  readonly schedule: string | null;
  readonly state: BatchState;
  /** True from the moment that a person cancels it until it has ended. */
  readonly cancelling: boolean;
  /** Raised by whatever is decided about the whole batch. */
  readonly revision: number;
  readonly lane: string;
  /** Store URL of the prefix or manifest that it was made from. */
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
  /** Paid for what was delivered so far, and for what waits to be stored. */
  readonly costUsd: number;
  /** Of the cost: what is paid for and not stored yet, portraits in flight included. */
  readonly unstored: Unstored;
  /** Surely paid, and nothing delivered for it. */
  readonly lostUsd: number;
  /** The most that calls can have cost of which nobody knows whether they were paid. */
  readonly maybeUsd: number;
  /** What it will have cost when all that is left is paid once; null where the price table has no price. */
  readonly estimatedCostUsd: number | null;
  readonly maxCostUsd: number | null;
  readonly maybeBilled: number;
  readonly ratePerSecond: number | null;
  /** Null until enough has ended to say it with some truth. */
  readonly secondsLeft: TimeLeft | null;
  readonly blocked: BlockedBatch | null;
  /** Null while somebody is at work, and where nobody needs to be. */
  readonly unattended: Unattended | null;
  /** What its portraits, and the batch itself, wait for; the counts add up to the portraits that wait. */
  readonly waiting: readonly Waiting[];
  /** Null where none was wished for. */
  readonly fallback: FallbackStatus | null;
  /** Who or what paused it; null when it is not paused. */
  readonly pausedBy: Pauser | null;
  /** The portraits that are enhanced before somebody approves the rest; null without a pilot, or after it. */
  readonly pilot: number | null;
  /** ISO 8601. */
  readonly deadline: string | null;
  /** Rounds after the first. */
  readonly rounds: readonly RoundStatus[];
  /** Why it is paused or failed, where somebody or something said so. */
  readonly reason: string | null;
  readonly report: string | null;
  /** What the source's listing took for no photo; empty until it is read to its end, and for a manifest. */
  readonly leftOut: LeftOut;
  /** How much alike its portraits are, once it has ended; null for fewer than three. */
  readonly consistency: BatchConsistency | null;
}
