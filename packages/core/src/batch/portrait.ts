/**
 * A portrait's states, in the order of their codes in the ledger's bitfield (4 bits each; 8 to 15 are free).
 *
 *   pending ──dispatch──▶ queued ──claim──▶ running ──settle──▶ succeeded | skipped | failed | cancelled
 *      ▲                   │    ▲           │   │
 *      └────────park───────┘    └───leave───┘   └──leave──▶ retrying ──claim──▶ running
 *
 * The producer's feeder dispatches. The worker that holds the claim leaves or settles the portrait. `park` makes a
 * portrait pending again, for example because its batch was paused. Portraits of a stopped batch end as cancelled.
 * `docs/architecture.md` lists every transition.
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

/** Number of portraits in each state. The states add up to `total` at every moment (P2). */
export type PortraitCounts = Readonly<Record<PortraitState | "total", number>>;

export function isTerminal(state: PortraitState): state is TerminalState {
  return (TERMINAL_STATES as readonly string[]).includes(state);
}

/** Number of portraits that have ended. */
export function settledCount(counts: PortraitCounts): number {
  return TERMINAL_STATES.reduce((sum, state) => sum + counts[state], 0);
}

/** A valid row of a snapshot: everything that a worker needs to know about a portrait. */
export interface PortraitRow {
  /** 0 … N-1, in source order. */
  readonly index: number;
  /** The manifest's `id`, or otherwise the source key. Unique within the batch. */
  readonly id: string;
  /** A key under the batch's source, or an absolute `s3://`, `https://` or `file://` URL. */
  readonly source: string;
  /** The source's identity, if the listing contained it. */
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
  /** Columns that Darkroom copies to the report without interpreting them. */
  readonly carried?: Readonly<Record<string, string>>;
}

/** A value that a rejected row shares with an earlier one. */
export type Repetition = "id" | "source" | "destination";

/** A rejected row, which counts as a portrait that fails with `invalid_row`. */
export interface RejectedRow {
  readonly index: number;
  readonly id?: string;
  readonly source?: string;
  readonly destination?: string;
  readonly rejected: {
    /** The line of the manifest, from 1. Absent for a prefix. */
    readonly line?: number;
    /** The invalid column, if any. */
    readonly field?: string;
    /** The problem, and how to fix it. */
    readonly message: string;
    /** The repeated value, if the repetition is the problem. */
    readonly repeats?: Repetition;
  };
  readonly carried?: Readonly<Record<string, string>>;
}

export type SnapshotRow = PortraitRow | RejectedRow;

export function isRejected(row: SnapshotRow): row is RejectedRow {
  return "rejected" in row;
}

/** Rows per snapshot part; portrait `i` is in part `floor(i / SNAPSHOT_PART_ROWS)`. */
export const SNAPSHOT_PART_ROWS = 1_000;
