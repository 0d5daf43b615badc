import {
  type Billed,
  type DarkroomError,
  type OutcomeCode,
  type Receipt,
  type WaitReason,
  answered,
  backoffMs,
  callsLeft,
  messageOf,
  outcomeOf,
} from "@darkroom/core";
import type { LaterEnding, RunDecision } from "./run-ending.ts";
import type { Timing } from "./worker-context.ts";

/** What decides about failures. */
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
  /** What the portrait has cost, should this be its end. Absent: what its receipt says. */
  readonly billed?: Billed;
  /** The provider asks not to come back sooner. */
  readonly retryAfterMs?: number | undefined;
  /** The answer may still turn up in the provider's memory: it is looked for before the end. */
  readonly mayBeFound?: boolean;
}

/** A decision to come again later. */
export interface LaterDecision extends RunDecision {
  readonly ending: LaterEnding;
}

/** Another try after a provider failure, or the end when the attempts are used up. The attempt is counted here. */
export function providerFailed(receipt: Receipt, failure: ProviderFailure, limits: FailureLimits): RunDecision {
  const { code, message, billed, retryAfterMs = 0, mayBeFound = false } = failure;
  const { timing, random } = limits;
  const lastFailure = { code, message, ...(billed === undefined ? {} : { billed }) };
  const counted: Receipt = { ...receipt, attempts: receipt.attempts + 1, lastFailure };
  if (callsLeft(counted, timing.attempts) > 0) {
    const askedMs = Math.min(retryAfterMs, timing.retryAfterCapMs);
    const delayMs = backoffMs(timing.backoff, counted.attempts, random(), askedMs);
    return { receipt: counted, ending: { kind: "later", reason: "provider_retry", delayMs, message } };
  }
  if (mayBeFound) {
    const ending = { kind: "later", reason: "recall", delayMs: timing.lookMs, message: "looking for the last answer" };
    return { receipt: counted, ending } as LaterDecision;
  }
  return { receipt, ending: { kind: "settle", outcome: outcomeOf(counted, code, message, billed) } };
}

/** Another try where no connection could be made: no attempt is counted, and after some of them the lane is blocked. */
export function waitForConnection(receipt: Receipt, message: string, limits: FailureLimits): LaterDecision {
  return later(receipt, "provider_retry", message, backoffMs(limits.timing.backoff, 1, limits.random()));
}

/** What was paid for is not given up for passing trouble of the object store until this long after the first call. */
const KEEP_PAID_MS = 6 * 3_600_000;

/** What is known when the object store has failed a portrait, in a place that takes writes otherwise. */
export interface StorageTrouble {
  /** There is a link to what was paid. */
  readonly paid: boolean;
  /** The fault may pass. */
  readonly passing: boolean;
  /** Failures so far, this one included. */
  readonly failures: number;
  /** Failures that are borne, of a fault that will not pass or before anything was paid. */
  readonly attempts: number;
  readonly sinceFirstCallMs: number;
}

/**
 * Whether a failure of the object store ends a portrait. A blocked destination never comes here: it is waited for. Without
 * a link to what was paid a fault that will not pass ends it at once: nothing is there to be kept, and another try may be
 * paid again.
 */
export function endsForStorage({ paid, passing, failures, attempts, sinceFirstCallMs }: StorageTrouble): boolean {
  if (paid && passing) return sinceFirstCallMs > KEEP_PAID_MS;
  return failures >= attempts || (!paid && !passing);
}

/** What failed, where it was not the provider. */
type OwnFault = "storage_error" | "source_unreadable" | "internal";

/** Another try after trouble of the object store or a fault of our own, or the end. Providers' attempts stay whole. */
export function storageFailed(
  receipt: Receipt,
  error: unknown,
  limits: FailureLimits,
  code: OwnFault = "storage_error",
): RunDecision {
  const counted: Receipt = { ...receipt, storageFailures: receipt.storageFailures + 1 };
  const message = messageOf(error);
  const trouble: StorageTrouble = {
    paid: receipt.turns.some(({ outputUrl }) => outputUrl !== undefined) && receipt.firstIntentAt !== undefined,
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
 * The provider could not fetch the photo by its link: trouble of the store behind it, which has a new link at the next
 * try. At the end the portrait says so, and that a provider was asked.
 */
export function linkUnreached(receipt: Receipt, message: string, billed: Billed, limits: FailureLimits): RunDecision {
  const decision = storageFailed(receipt, new Error(message), limits, "source_unreadable");
  if (decision.ending.kind !== "settle") return decision;
  const outcome = outcomeOf(answered(receipt), "source_unreadable", message, billed);
  return { receipt, ending: { kind: "settle", outcome } };
}

/** A result that is not to be had may appear a little later; a CDN that fails may come back. */
const GONE_BACKOFFS = 8;
const FAILING_BACKOFFS = 120;
/** It may have been seen long ago, by a worker that was stopped: it is asked for so often at least. */
const LEAST_FETCHES = 5;

/** A fetch of a paid result that brought no usable picture. */
export interface MissedResult {
  readonly message: string;
  /** Waiting will hardly bring it back. */
  readonly gone: boolean;
  /** The server asks not to come back sooner. */
  readonly retryAfterMs?: number | undefined;
  /** How the portrait ends when it stays so. Defaults to `result_unavailable`. */
  readonly code?: OutcomeCode;
  /** Of what was fetched. */
  readonly digest?: string;
}

/** A paid result that could not be fetched, or used: looked for again over a time that fits the fault, then given up. */
export function resultFailed(receipt: Receipt, missed: MissedResult, limits: FailureLimits): RunDecision {
  const { message, gone, code = "result_unavailable", digest: faulty } = missed;
  const { timing, now } = limits;
  const turn = receipt.turns.at(-1);
  const misses = (turn?.misses ?? 0) + 1;
  const counted: Receipt = {
    ...receipt,
    storageFailures: receipt.storageFailures + 1,
    turns:
      turn === undefined
        ? []
        : receipt.turns.with(-1, { ...turn, misses, ...(faulty === undefined ? {} : { faulty }) }),
  };
  const patienceMs = timing.backoff.baseMs * (gone ? GONE_BACKOFFS : FAILING_BACKOFFS);
  const isOver = now - (turn?.outputAt ?? 0) > patienceMs && misses >= LEAST_FETCHES;
  if (isOver) return { receipt, ending: { kind: "settle", outcome: outcomeOf(answered(counted), code, message) } };
  const askedMs = Math.min(missed.retryAfterMs ?? 0, timing.retryAfterCapMs);
  return later(counted, "result", message, Math.max(storeDelayMs(counted, limits), askedMs));
}

/** Another try at a paid result that is not missing: nothing can be reached at present. */
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
    receipt: { ...receipt, lastTrouble: message.slice(0, 300) },
    ending: { kind: "later", reason, delayMs, message },
  };
}
