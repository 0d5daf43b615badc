import type { Scope } from "@darkroom/access/scopes";
import type {
  BatchStatus,
  LeftBehind,
  MissedPolicy,
  OverlapPolicy,
  PortraitState,
  ReviewOrder,
  ReviewState,
  ReviewStatus,
  StuckReason,
  Submission,
} from "@darkroom/core";

/** A batch as returned by its submission. */
export interface SubmittedBatch extends BatchStatus {
  /** Active batches with the same destination and recipe. */
  readonly sharesDestination?: readonly string[];
}

/** An API key, without its secret. */
export interface KeyView {
  readonly id: string;
  readonly name: string;
  readonly tenant: string;
  readonly scopes: readonly Scope[];
  readonly limits: KeyLimits;
  readonly state: "active" | "expired" | "revoked";
  readonly createdAt: string;
  readonly createdBy: string;
  readonly rotatedAt: string | null;
  /** ISO 8601; when the previous secret expires after a rotation, or null. */
  readonly formerUntil: string | null;
  readonly expiresAt: string | null;
  readonly revokedAt: string | null;
  readonly lastUsedAt: string | null;
  readonly lastUsedFrom: string | null;
}

/** The limits of a key; absent for no limit. */
export interface KeyLimits {
  readonly sources?: "any" | readonly string[];
  readonly destinations?: "any" | readonly string[];
  readonly lanes?: readonly string[];
  readonly callsPerMinute?: number;
  readonly rowsPerDay?: number;
  readonly usdPerDay?: number;
}

/** A new key, or a key with a new secret. Only this response contains the secret. */
export interface IssuedKey extends KeyView {
  readonly key: string;
}

export interface NewKey {
  readonly name: string;
  readonly tenant?: string;
  readonly scopes: readonly Scope[];
  readonly limits?: KeyLimits;
  /** ISO 8601. */
  readonly expiresAt?: string;
}

/** An active batch that writes to the same keys as a submission. */
export interface OverlappingBatch extends BatchStatus {
  /** True if the batch has the submission's source, destination, recipe, account and limits. */
  readonly sameOrder: boolean;
  /** Portraits with a provider call that have not ended. */
  readonly inFlight: number;
}

export interface PortraitView {
  readonly index: number;
  readonly id: string | null;
  readonly state: PortraitState;
  readonly source: string | null;
  readonly destination: string | null;
  /** Absent from an older API. */
  readonly leftBehind?: LeftBehind | null;
  readonly carried: Readonly<Record<string, string>>;
  /** Null for a portrait without a result. Absent from an older API. */
  readonly review?: {
    readonly state: ReviewState;
    readonly line: number;
    readonly by: string | null;
    readonly at: string | null;
    readonly note: string | null;
  } | null;
  readonly outcome: {
    readonly code: string;
    readonly message: string;
    readonly retryable: boolean;
    readonly billed: string | null;
    readonly attempts: number | null;
  } | null;
}

export interface NewSchedule {
  readonly id?: string;
  readonly cron: string;
  readonly timeZone: string;
  readonly overlap?: OverlapPolicy;
  readonly missed?: MissedPolicy;
  readonly submission: Submission;
}

export interface ScheduleView extends NewSchedule {
  readonly id: string;
  readonly createdAt: string;
  readonly paused: { readonly at: string; readonly reason: string | null } | null;
  readonly nextRunAt: string | null;
  /** The next five. */
  readonly nextRuns: readonly string[];
  readonly queuedFor: string | null;
  readonly stuck: { readonly batchId: string; readonly reason: StuckReason; readonly message: string } | null;
  readonly lastRun: ScheduleRunView | null;
}

/** The response to a new schedule. */
export interface CreatedScheduleView extends ScheduleView {
  /** Absent from an older API. */
  readonly warnings?: readonly string[];
}

export interface ScheduleRunView {
  readonly at: string;
  readonly batchId: string | null;
  readonly outcome: string;
  readonly message: string | null;
  /** Number of due times for which it stands. */
  readonly covers: number;
  readonly found: { readonly portraits: number; readonly unchanged: number; readonly leftOut: number } | null;
  readonly did: {
    readonly succeeded: number;
    readonly skipped: number;
    readonly failed: number;
    readonly cancelled: number;
  } | null;
  readonly cost: { readonly costUsd: number; readonly lostUsd: number; readonly maybeUsd: number } | null;
}

/** The response to a requested run. */
export interface OrderedRun extends ScheduleView {
  /** Of the run, which may not have started yet. */
  readonly batchId: string;
}

export interface ScheduleWithRuns extends ScheduleView {
  /** Newest first. */
  readonly runs: readonly ScheduleRunView[];
}

export interface LaneView {
  readonly name: string;
  readonly provider: string;
  readonly counts: Readonly<Record<string, number>>;
  readonly running: number;
  readonly workers: number;
  readonly concurrency: { readonly configured: number; readonly present: number };
  readonly ratePerMinute: { readonly configured: number | null; readonly present: number | null };
  readonly narrowed: { readonly at: string; readonly message: string | null } | null;
  readonly held: { readonly until: string; readonly message: string | null } | null;
  readonly blocked: { readonly reason: string; readonly since: string; readonly message: string } | null;
  readonly probe: { readonly at: string; readonly failed: number; readonly underWay: boolean } | null;
}

export interface RecoveredBatch {
  readonly batchId: string;
  readonly kind: "recovered" | "known" | "ended" | "damaged" | "running";
  readonly total?: number;
  readonly ended?: number;
  readonly unconfirmed?: boolean;
  readonly message?: string;
}

export interface DifferenceView {
  readonly kind: string;
  readonly meaning: string;
  readonly count: number;
  readonly examples: readonly number[];
  readonly fixed: number;
  readonly advice: string;
}

export interface QuestionsView {
  readonly questions: readonly {
    readonly question: string;
    readonly options: readonly string[];
    readonly portraits: number;
    /** Ids of some of these portraits. */
    readonly examples: readonly string[];
  }[];
  /** Number of portraits with questions that are not listed. */
  readonly others: number;
}

export type ReportFile = "report.csv" | "report.jsonl" | "failures.csv";
export type Move = "pause" | "resume" | "cancel" | "confirm" | "approve";

/** Optional fields of a decision. */
export interface MoveWords {
  /** For pause and cancel; shown in the status. */
  readonly reason?: string;
  /** For resume: the new budget. */
  readonly maxCostUsd?: number;
  /** The batch's revision on which the decision was based. */
  readonly revision?: number;
}

/** The files that a cleanup deleted. */
export interface CleanedBatch {
  readonly id: string;
  readonly files: number;
  readonly bytes: number;
}

/** An order about results. Exactly one of `indexes`, `ids` and `where` is given. */
export interface ReviewRequest {
  readonly order: ReviewOrder;
  readonly note?: string;
  readonly indexes?: readonly number[];
  /** The manifest's ids. */
  readonly ids?: readonly string[];
  readonly where?: { readonly review?: readonly ReviewState[] };
  /** Where a query continues. */
  readonly cursor?: number;
}

export interface ReviewedView {
  readonly recorded: number;
  readonly unchanged: number;
  readonly review: ReviewStatus;
  readonly nextCursor: number | null;
}

/** A line of the review log. */
export interface ReviewLineView {
  readonly number: number;
  readonly at: string;
  readonly by: string;
  readonly order: ReviewOrder;
  readonly note: string | null;
  readonly portraits: readonly number[];
  /** The lines that an `undo` withdrew. */
  readonly undoes: readonly number[];
}

/** An order to hand over what is approved. */
export interface DeliverRequest {
  /** Store URL. */
  readonly destination: string;
  readonly template?: string;
  readonly cursor: number;
}

export interface DeliveredView {
  readonly delivered: number;
  readonly unchanged: number;
  readonly removed: number;
  readonly problems: readonly { readonly index: number; readonly id: string | null; readonly message: string }[];
  readonly nextCursor: number | null;
}
