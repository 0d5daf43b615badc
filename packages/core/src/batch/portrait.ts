/**
 * A portrait's states and their place in the ledger's bitfield (4 bits each, so 16 at most; 8 to 15 are free).
 *
 *   pending ──dispatch──▶ queued ──claim──▶ running ──settle──▶ succeeded | skipped | failed | cancelled
 *      ▲                    ▲                 │ │
 *      └──────park──────────┘◀────release─────┘ └──snooze──▶ retrying ──claim──▶ running
 *
 * dispatch: the producer's feeder · claim, snooze, settle, release: the worker that holds the claim ·
 * park: a paused batch's portrait goes back to the row · a cancelled batch's portraits end as cancelled.
 */
export const PORTRAIT_STATES = [
  "pending",
  "queued",
  "running",
  "retrying",
  "succeeded",
  "skipped",
  "failed",
  "cancelled",
] as const;

export type PortraitState = (typeof PORTRAIT_STATES)[number];

const TERMINAL_STATES = ["succeeded", "skipped", "failed", "cancelled"] as const satisfies readonly PortraitState[];

export type TerminalState = (typeof TERMINAL_STATES)[number];

/** How many portraits are in each state. The states add up to `total` at every moment (P2). */
export type PortraitCounts = Readonly<Record<PortraitState | "total", number>>;

export function isTerminal(state: PortraitState): state is TerminalState {
  return (TERMINAL_STATES as readonly string[]).includes(state);
}

/** The portraits of these counts that have ended. */
export function settledCount(counts: PortraitCounts): number {
  return TERMINAL_STATES.reduce((sum, state) => sum + counts[state], 0);
}

/** One good row of a snapshot: all that a worker needs to know about a portrait. */
export interface PortraitRow {
  /** 0 … N-1, in the order of the source. */
  readonly index: number;
  /** The manifest's `id`, or the source key where the manifest names none. Unique within the batch. */
  readonly id: string;
  /** A key under the batch's source, or an absolute `s3://`, `https://` or `file://` URL. */
  readonly source: string;
  /** The source's identity, where the listing told it. */
  readonly etag?: string;
  readonly sizeBytes?: number;
  /** The key under the batch's destination. */
  readonly destination: string;
  readonly profileIds?: readonly string[];
  /** Overrides of the batch's recipe. */
  readonly prompt?: string;
  readonly preset?: string;
  readonly mode?: string;
  readonly intensity?: string;
  /** Columns that are not ours, carried through to the report. */
  readonly carried?: Readonly<Record<string, string>>;
}

/** What a row has in common with an earlier one, so that it cannot be accepted. */
export type Repetition = "id" | "source" | "destination";

/** A row that could not be accepted; it is a portrait all the same, failed with `invalid_row`. */
export interface RejectedRow {
  readonly index: number;
  readonly id?: string;
  readonly source?: string;
  readonly destination?: string;
  readonly rejected: {
    /** The line of the manifest, from 1; absent for a prefix. */
    readonly line?: number;
    /** The column at fault, where there is one. */
    readonly field?: string;
    /** What was wrong and what to do. */
    readonly message: string;
    /** What it repeats, when that is what is wrong with it. */
    readonly repeats?: Repetition;
  };
  readonly carried?: Readonly<Record<string, string>>;
}

export type SnapshotRow = PortraitRow | RejectedRow;

export function isRejected(row: SnapshotRow): row is RejectedRow {
  return "rejected" in row;
}

/** Rows in one snapshot part; portrait `i` is in part `floor(i / SNAPSHOT_PART_ROWS)`. */
export const SNAPSHOT_PART_ROWS = 1_000;
