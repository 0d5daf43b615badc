import {
  isHeldBack,
  mostUnstored,
  nextOpening,
  WAIT_ENDS,
  WAIT_REASONS,
  type BlockedBatch,
  type Waiting,
  type WaitReason,
} from "@darkroom/core";
import type { BatchRecord } from "./batch-record.ts";
import type { CountedWait } from "./waits.ts";

/** The inputs of {@link batchWaiting}, in addition to the ledger's record. */
export interface WaitingContext {
  /** Recorded waits of portraits. */
  readonly waits: readonly CountedWait[];
  readonly blocked: BlockedBatch | undefined;
  /** End of the time in which the lane starts no calls at its provider's request (epoch ms), and the reason. */
  readonly held: { readonly untilMs: number; readonly message: string | undefined } | undefined;
  /** Configured number of concurrent calls of the batch's lane. */
  readonly concurrency: number;
  readonly isUnattended: boolean;
  /** Requirements of the batch that the running processes do not meet; undefined if they meet all. */
  readonly unmetNeeds?: string | undefined;
  readonly nowMs: number;
}

interface OwnWait {
  readonly reason: WaitReason;
  readonly nextLookMs?: number | undefined;
  readonly message?: string | undefined;
}

/** Reasons for which a portrait stays in state `running`. */
const WHILE_RUNNING: readonly WaitReason[] = ["claim_held"];

/**
 * Returns the waits of an active batch. The counts add up to its pending, queued and retrying portraits, plus portraits
 * whose job waits for their worker. A portrait with a recorded wait counts under that reason. All others count under
 * the batch's own wait, or wait for their turn.
 */
export function batchWaiting(record: BatchRecord, context: WaitingContext): readonly Waiting[] {
  const { pending, queued, retrying } = record.counts;
  const putOff = context.waits.filter(({ reason }) => !WHILE_RUNNING.includes(reason));
  const rest = Math.max(0, pending + queued + retrying - putOff.reduce((sum, { count }) => sum + count, 0));
  const own = batchWait(record, context);
  const found = new Map<WaitReason, Waiting>();
  for (const { reason, count, nextLookMs, message } of context.waits) {
    found.set(reason, waiting(count, { reason, nextLookMs, message }));
  }
  const stalls = record.stalls.map(({ reason, nextLookMs, message }) => ({ reason, nextLookMs, message }));
  for (const stall of stalls) found.set(stall.reason, waiting(found.get(stall.reason)?.count ?? 0, stall));
  const isStalled = rest === 0 && stalls.length > 0 && record.state === "finishing";
  if (rest > 0 || (own.reason !== "turn" && !isStalled)) {
    const same = found.get(own.reason);
    const noted = waiting(rest + (same?.count ?? 0), own);
    found.set(own.reason, {
      ...noted,
      nextLookAt: noted.nextLookAt ?? same?.nextLookAt ?? null,
      message: noted.message ?? same?.message ?? null,
    });
  }
  const place = ({ reason }: Waiting): number => WAIT_REASONS.indexOf(reason);
  return [...found.values()].sort((a, b) => b.count - a.count || place(a) - place(b));
}

/** Returns the reason that prevents portraits without a recorded wait from starting. */
export function batchWait(record: BatchRecord, context: Omit<WaitingContext, "waits">): OwnWait {
  const { spec, state, cancelled, pausedBy, reason, reopening, unconfirmed, stuck } = record;
  const { blocked, held, isUnattended, unmetNeeds, concurrency, nowMs } = context;
  const message = reason;
  if (unmetNeeds !== undefined) return { reason: "unmet_needs", message: unmetNeeds };
  if (isUnattended) return { reason: "unattended" };
  if (state === "paused") return { reason: pausedBy === "budget" ? "budget" : "paused", message };
  if (state === "awaiting_approval") return { reason: "approval" };
  if (state === "awaiting_confirmation") return { reason: "confirmation" };
  if (reopening !== undefined) return { reason: "reopening" };
  if (cancelled) return { reason: unended(record) > 0 ? "stopping" : "report" };
  if (state === "finishing") return { reason: "report" };
  if (unconfirmed) return { reason: "confirmation" };
  if (blocked !== undefined) return blockedWait(blocked);
  const window = spec.control?.window;
  const opensAt = window === undefined ? nowMs : nextOpening(window, nowMs);
  if (opensAt > nowMs) return { reason: "window", nextLookMs: opensAt };
  if (isHeldBack({ stuck, concurrency })) {
    const bound = `another portrait is paid for once no more than ${mostUnstored(concurrency)} of them wait`;
    return { reason: "unstored_results", message: `${stuck} paid results could not be fetched or stored; ${bound}` };
  }
  if (record.budgetNeedsUsd !== undefined && record.toRecall > 0) {
    const whose = `${record.toRecall} portraits that may have been paid for before Redis was lost`;
    return { reason: "budget", message: `the provider is asked for ${whose}; until then the budget holds their price` };
  }
  if (record.budgetNeedsUsd !== undefined) {
    return { reason: "budget", message: "the budget is full: what is in flight holds what is left of it" };
  }
  if (held !== undefined) return { reason: "rate_limit", nextLookMs: held.untilMs, message: held.message };
  return { reason: "turn" };
}

function blockedWait({ what, reason, message, nextLookAt }: BlockedBatch): OwnWait {
  const waits = what === "lane" ? "lane_blocked" : "destination_blocked";
  return { reason: waits, nextLookMs: Date.parse(nextLookAt), message: `${reason}: ${message}` };
}

function unended({ counts }: BatchRecord): number {
  return counts.pending + counts.queued + counts.running + counts.retrying;
}

function waiting(count: number, { reason, nextLookMs, message }: OwnWait): Waiting {
  return {
    reason,
    count,
    nextLookAt: nextLookMs === undefined ? null : new Date(nextLookMs).toISOString(),
    endsWhen: WAIT_ENDS[reason],
    message: message ?? null,
  };
}
