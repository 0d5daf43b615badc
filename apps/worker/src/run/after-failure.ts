import {
  type Billed,
  type DarkroomError,
  type OutcomeCode,
  type Receipt,
  type WaitReason,
  attemptsOf,
  backoffMs,
  callsLeft,
  hasLink,
  lastCall,
  messageOf,
  outcomeOf,
  outcomeOfAnswer,
  presentCalls,
  withFailure,
  withMiss,
  withStorageFailure,
  withTrouble,
} from "@darkroom/core";
import type { LaterEnding, RunDecision } from "./run-ending.ts";
import type { Timing } from "./timing.ts";

/** The inputs that determine how a failure is handled. */
export interface FailureLimits {
  readonly timing: Timing;
  /** From 0 to 1. */
  readonly random: () => number;
  /** Epoch ms, Redis' clock. */
  readonly now: number;
}

/** A failure that costs an attempt. */
export interface ProviderFailure {
  readonly code: OutcomeCode;
  readonly message: string;
  /** Whether the call was billed, if the portrait ends now. Defaults to the receipt's value. */
  readonly billed?: Billed;
  /** Minimum delay that the provider requested. */
  readonly retryAfterMs?: number | undefined;
  /** The answer may still be in the provider's memory, and the worker recalls it before the portrait ends. */
  readonly mayBeFound?: boolean;
}

/** A decision to retry later. */
export interface LaterDecision extends RunDecision {
  readonly ending: LaterEnding;
}

/**
 * Retries after a provider failure, or ends the portrait when no attempts are left.
 *
 * @param counted the receipt with the failed attempt counted
 */
export function providerFailed(counted: Receipt, failure: ProviderFailure, limits: FailureLimits): RunDecision {
  const { code, message, billed, retryAfterMs = 0, mayBeFound = false } = failure;
  const { timing, random } = limits;
  const receipt = withFailure(counted, { code, message, ...(billed === undefined ? {} : { billed }) });
  if (callsLeft(receipt, timing.attempts) > 0) {
    const askedMs = Math.min(retryAfterMs, timing.retryAfterCapMs);
    const delayMs = backoffMs(timing.backoff, attemptsOf(receipt), random(), askedMs);
    return { receipt, ending: { kind: "later", reason: "provider_retry", delayMs, message } };
  }
  if (mayBeFound) {
    const ending = { kind: "later", reason: "recall", delayMs: timing.lookMs, message: "looking for the last answer" };
    return { receipt, ending } as LaterDecision;
  }
  return { receipt, ending: { kind: "settle", outcome: outcomeOf(receipt, code, message, billed) } };
}

/** Retries after a connection failure. Counts no attempt, but a few such failures block the lane. */
export function waitForConnection(receipt: Receipt, message: string, limits: FailureLimits): LaterDecision {
  return later(receipt, "provider_retry", message, backoffMs(limits.timing.backoff, 1, limits.random()));
}

/** Keep retrying storage for this long after the first call before giving up on a result that was paid for. */
const KEEP_PAID_MS = 6 * 3_600_000;

/** A storage failure of a portrait whose destination accepts other writes. */
export interface StorageTrouble {
  /** A link to the paid result exists. */
  readonly paid: boolean;
  /** The error is transient. */
  readonly passing: boolean;
  /** Failures so far, including this one. */
  readonly failures: number;
  /** Failures allowed if the error is permanent or no result was paid for. */
  readonly attempts: number;
  readonly sinceFirstCallMs: number;
}

/**
 * Decides whether a storage failure ends the portrait. Does not apply to blocked destinations, for which portraits
 * wait. A permanent error without a link to a paid result ends the portrait at once, because a retry may be paid again.
 */
export function endsForStorage({ paid, passing, failures, attempts, sinceFirstCallMs }: StorageTrouble): boolean {
  if (paid && passing) return sinceFirstCallMs > KEEP_PAID_MS;
  return failures >= attempts || (!paid && !passing);
}

/** The cause of a failure outside the provider. */
type OwnFault = "storage_error" | "source_unreadable" | "internal";

/** Retries after a storage failure or an internal error, or ends the portrait. Provider attempts are not affected. */
export function storageFailed(
  receipt: Receipt,
  error: unknown,
  limits: FailureLimits,
  code: OwnFault = "storage_error",
): RunDecision {
  const counted = withStorageFailure(receipt);
  const message = messageOf(error);
  const trouble: StorageTrouble = {
    paid: presentCalls(receipt).some(hasLink) && receipt.firstIntentAt !== undefined,
    passing: (error as Partial<DarkroomError>).retryable !== false,
    failures: counted.storageFailures,
    attempts: limits.timing.attempts,
    sinceFirstCallMs: limits.now - (receipt.firstIntentAt ?? 0),
  };
  if (endsForStorage(trouble))
    return { receipt, ending: { kind: "settle", outcome: outcomeOf(counted, code, message) } };
  return later(counted, code === "internal" ? "internal" : "storage", message, storeDelayMs(counted, limits));
}

/**
 * Handles a provider that could not fetch the photo's link. Counts as a storage failure: the retry creates a new link.
 * The final outcome states that a provider was called.
 */
export function linkUnreached(receipt: Receipt, message: string, billed: Billed, limits: FailureLimits): RunDecision {
  const decision = storageFailed(receipt, new Error(message), limits, "source_unreadable");
  if (decision.ending.kind !== "settle") return decision;
  const outcome = outcomeOfAnswer(receipt, "source_unreadable", message, billed);
  return { receipt, ending: { kind: "settle", outcome } };
}

/** Backoffs during which a missing result may still appear or a failing CDN may recover. */
const GONE_BACKOFFS = 8;
const FAILING_BACKOFFS = 120;
/**
 * Minimum number of fetches before a result is given up, because an earlier worker may have seen the result long ago
 * and then stopped.
 */
const LEAST_FETCHES = 5;

/** A fetch of a paid result that returned no usable picture. */
export interface MissedResult {
  readonly message: string;
  /** Waiting is unlikely to restore the result. */
  readonly gone: boolean;
  /** Minimum delay that the server requested. */
  readonly retryAfterMs?: number | undefined;
  /** The outcome if the result stays missing. Defaults to `result_unavailable`. */
  readonly code?: OutcomeCode;
  /** Digest of the fetched bytes. */
  readonly digest?: string;
}

/** Retries a paid result that could not be fetched or used, then gives it up. The retry period depends on the fault. */
export function resultFailed(receipt: Receipt, missed: MissedResult, limits: FailureLimits): RunDecision {
  const { message, gone, code = "result_unavailable", digest } = missed;
  const { timing, now } = limits;
  const counted = withMiss(receipt, digest);
  const { misses = 1, at = 0 } = lastCall(counted)?.outputs ?? {};
  const patienceMs = timing.backoff.baseMs * (gone ? GONE_BACKOFFS : FAILING_BACKOFFS);
  const isOver = now - at > patienceMs && misses >= LEAST_FETCHES;
  if (isOver) return { receipt, ending: { kind: "settle", outcome: outcomeOfAnswer(counted, code, message) } };
  const askedMs = Math.min(missed.retryAfterMs ?? 0, timing.retryAfterCapMs);
  return later(counted, "result", message, Math.max(storeDelayMs(counted, limits), askedMs));
}

/** Retries a paid result while the network is unreachable. */
export function waitForResult(receipt: Receipt, message: string, limits: FailureLimits): LaterDecision {
  return later(receipt, "result", message, backoffMs(limits.timing.backoff, 1, limits.random()));
}

function storeDelayMs({ storageFailures }: Receipt, { timing, random }: FailureLimits): number {
  const { backoff, longestStoreWaitMs = Infinity } = timing;
  const policy = { ...backoff, capMs: Math.min(backoff.capMs, longestStoreWaitMs) };
  return backoffMs(policy, storageFailures, random());
}

function later(receipt: Receipt, reason: WaitReason, message: string, delayMs: number): LaterDecision {
  return {
    receipt: withTrouble(receipt, message),
    ending: { kind: "later", reason, delayMs, message },
  };
}
