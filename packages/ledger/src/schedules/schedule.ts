import type {
  BatchState,
  ErrorCode,
  FeedEvent,
  MissedPolicy,
  OverlapPolicy,
  StuckReason,
  Submission,
  UnstartedOutcome,
} from "@darkroom/core";

/** Number of occurrences kept per schedule. */
export const KEPT_RUNS = 20;

/** A batch that is submitted repeatedly by a timer. */
export interface Schedule {
  readonly id: string;
  /**
   * The schedule's tenant; absent for the default tenant. For other tenants, the id begins with the tenant and a dot.
   */
  readonly tenant?: string;
  /** Prefixes that the creating key may read. Absent: no limit. */
  readonly within?: readonly string[];
  /** Five or six fields. */
  readonly cron: string;
  /** IANA name. */
  readonly timeZone: string;
  /** Absent: `skip`. */
  readonly overlap?: OverlapPolicy;
  /** Absent: `skip`. */
  readonly missed?: MissedPolicy;
  /** The submission. `{date}` in the destination is replaced by the date when the occurrence is due, in the zone. */
  readonly submission: Submission;
  /** ISO 8601. */
  readonly createdAt: string;
  /** Occurrences due up to this time are handled (epoch ms). Absent: up to `createdAt`. */
  readonly handledMs?: number;
  /** Set while the schedule is paused. */
  readonly paused?: SchedulePause;
  /** An occurrence that starts when the schedule's current batch ends. */
  readonly queued?: QueuedOccurrence;
  /** The latest claimed occurrence. Stays until the next claim, or until the occurrence fails. */
  readonly claim?: RunClaim;
  /** The last state of the schedule's batch that was reported in the feed, while that batch is stuck. */
  readonly stuck?: StuckBatch;
  readonly lastRun?: ScheduleRun;
  /** The last {@link KEPT_RUNS}, newest first. Absent before the first occurrence. */
  readonly runs?: readonly ScheduleRun[];
  /** The last {@link KEPT_RUNS} events for the feed, oldest first. */
  readonly events?: readonly ScheduleEvent[];
}

/** A pause of a schedule. */
interface SchedulePause {
  /** Epoch ms. */
  readonly at: number;
  readonly reason?: string;
}

/** An occurrence that waits for the end of another one's batch. */
export interface QueuedOccurrence {
  /** When it was due (epoch ms). */
  readonly dueMs: number;
  /** Number of due times that the occurrence covers. */
  readonly covers: number;
}

/** The exclusive right to create the schedule's next batch. Any producer may continue what another has begun. */
export interface RunClaim {
  /** Id of the batch, which may not exist yet. */
  readonly batchId: string;
  /** When the occurrence was claimed (epoch ms). */
  readonly at: number;
  /** When the occurrence was due (epoch ms). */
  readonly dueMs: number;
  /** Number of due times that the occurrence covers. */
  readonly covers: number;
  /** True once the batch exists. */
  readonly isStarted?: true;
}

/** An occurrence of a schedule and its outcome. */
export interface ScheduleRun {
  /** When it was due, or requested. ISO 8601. */
  readonly at: string;
  /** Its batch. For a queued or skipped occurrence, the batch that blocks it. */
  readonly batchId?: string;
  /** The outcome of a started occurrence is its batch's state. */
  readonly outcome: "started" | UnstartedOutcome | BatchState;
  readonly message?: string;
  /** Why the occurrence failed before it created a batch. */
  readonly code?: ErrorCode;
  /** The planned id of the occurrence's batch, if none was created. */
  readonly claimed?: string;
  /** Number of due times that the occurrence covers. Absent: one. */
  readonly covers?: number;
  /** For an occurrence whose batch is known. */
  readonly found?: RunFindings;
  readonly did?: RunCounts;
  readonly cost?: RunCost;
}

/** The contents of an occurrence's source. */
interface RunFindings {
  /** New or changed photos, or rows of a manifest: the batch's portraits. */
  readonly portraits: number;
  /** Photos that an earlier occurrence delivered. */
  readonly unchanged: number;
  /** Files in the source that are not photos. */
  readonly leftOut: number;
}

/** The outcomes of an occurrence's portraits, by count. */
interface RunCounts {
  readonly succeeded: number;
  /** Already delivered. */
  readonly skipped: number;
  readonly failed: number;
  readonly cancelled: number;
}

/** The cost of an occurrence's batch, in USD. */
interface RunCost {
  /** Paid and delivered. */
  readonly costUsd: number;
  /** Paid and lost. */
  readonly lostUsd: number;
  /** Possibly paid. */
  readonly maybeUsd: number;
}

/** A schedule's batch that makes no progress. */
export interface StuckBatch {
  readonly batchId: string;
  readonly reason: StuckReason;
  readonly message: string;
}

type OfSchedule = Extract<FeedEvent, { readonly batch: null }>;

/** An event of a schedule. Stored in the schedule, so that the event and the change that it reports are one write. */
export type ScheduleEvent = {
  readonly [Type in OfSchedule["type"]]: {
    /** Its number in the schedule, from 1 without gaps. */
    readonly sequence: number;
    /** Epoch ms. */
    readonly atMs: number;
    readonly type: Type;
    readonly data: Extract<OfSchedule, { readonly type: Type }>["data"];
  };
}[OfSchedule["type"]];
