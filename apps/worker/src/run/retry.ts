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
import { serverNow } from "@darkroom/redis-kit";
import type { WorkerContext } from "./worker-context.ts";
import type { Ending } from "./run-ending.ts";

type LaterEnding = Extract<Ending, { readonly kind: "later" }>;
type Backoff = Pick<WorkerContext, "timing" | "random">;

/**
 * Another try after a provider failure, or the end when the attempts are used up. The attempt is counted here.
 *
 * @param billed what the portrait has cost, should this be its end
 * @param mayBeFound the answer may still turn up in the provider's memory: it is looked for before the end
 */
export function providerFailed(
  context: WorkerContext,
  receipt: Receipt,
  code: OutcomeCode,
  message: string,
  billed?: Billed,
  retryAfterMs = 0,
  mayBeFound = false,
): Ending {
  const lastFailure = { code, message, ...(billed === undefined ? {} : { billed }) };
  const counted: Receipt = { ...receipt, attempts: receipt.attempts + 1, lastFailure };
  if (callsLeft(counted, context.timing.attempts) <= 0) {
    return mayBeFound
      ? {
          kind: "later",
          reason: "recall",
          delayMs: context.timing.lookMs,
          receipt: counted,
          message: "looking for the last answer",
        }
      : { kind: "settle", outcome: outcomeOf(counted, code, message, billed) };
  }
  const { backoff, retryAfterCapMs } = context.timing;
  const delayMs = backoffMs(backoff, counted.attempts, context.random(), Math.min(retryAfterMs, retryAfterCapMs));
  return { kind: "later", reason: "provider_retry", delayMs, receipt: counted, message };
}

/** Another try where no connection could be made: no attempt is counted, and after some of them the lane is blocked. */
export function waitForConnection(context: Backoff, receipt: Receipt, message: string): LaterEnding {
  const delayMs = backoffMs(context.timing.backoff, 1, context.random());
  return { kind: "later", reason: "provider_retry", delayMs, receipt: withTrouble(receipt, message), message };
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

/** Another try after trouble of the object store or a fault of our own, or the end. Providers' attempts stay whole. */
export function storageFailed(
  context: WorkerContext,
  receipt: Receipt,
  error: unknown,
  code: "storage_error" | "source_unreadable" | "internal" = "storage_error",
): Ending {
  const counted: Receipt = { ...receipt, storageFailures: receipt.storageFailures + 1 };
  const trouble: StorageTrouble = {
    paid: receipt.turns.some(({ outputUrl }) => outputUrl !== undefined) && receipt.firstIntentAt !== undefined,
    passing: (error as Partial<DarkroomError>).retryable !== false,
    failures: counted.storageFailures,
    attempts: context.timing.attempts,
    sinceFirstCallMs: serverNow() - (receipt.firstIntentAt ?? 0),
  };
  return endsForStorage(trouble)
    ? { kind: "settle", outcome: outcomeOf(counted, code, messageOf(error)) }
    : waitForStorage(context, counted, code === "internal" ? "internal" : "storage", messageOf(error));
}

/**
 * The provider could not fetch the photo by its link: trouble of the store behind it, which has a new link at the next
 * try. At the end the portrait says so, and that a provider was asked.
 */
export function linkUnreached(context: WorkerContext, receipt: Receipt, message: string, billed: Billed): Ending {
  const ending = storageFailed(context, receipt, new Error(message), "source_unreadable");
  if (ending.kind !== "settle") return ending;
  return { kind: "settle", outcome: outcomeOf(answered(receipt), "source_unreadable", message, billed) };
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
export function resultFailed(context: Backoff, receipt: Receipt, missed: MissedResult): Ending {
  const { message, gone, code = "result_unavailable", digest: faulty } = missed;
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
  const patienceMs = context.timing.backoff.baseMs * (gone ? GONE_BACKOFFS : FAILING_BACKOFFS);
  const isOver = serverNow() - (turn?.outputAt ?? 0) > patienceMs && misses >= LEAST_FETCHES;
  if (isOver) return { kind: "settle", outcome: outcomeOf(answered(counted), code, message) };
  const wait = waitForStorage(context, counted, "result", message);
  return {
    ...wait,
    delayMs: Math.max(wait.delayMs, Math.min(missed.retryAfterMs ?? 0, context.timing.retryAfterCapMs)),
  };
}

/** Another try at a paid result that is not missing: nothing can be reached at present. */
export function waitForResult(context: Backoff, receipt: Receipt, message: string): LaterEnding {
  const delayMs = backoffMs(context.timing.backoff, 1, context.random());
  return { kind: "later", reason: "result", delayMs, receipt: withTrouble(receipt, message), message };
}

function waitForStorage(context: Backoff, receipt: Receipt, reason: WaitReason, message: string): LaterEnding {
  const { backoff, longestStoreWaitMs = Infinity } = context.timing;
  const policy = { ...backoff, capMs: Math.min(backoff.capMs, longestStoreWaitMs) };
  const delayMs = backoffMs(policy, receipt.storageFailures, context.random());
  return { kind: "later", reason, delayMs, receipt: withTrouble(receipt, message), message };
}

function withTrouble(receipt: Receipt, message: string): Receipt {
  return { ...receipt, lastTrouble: message.slice(0, 300) };
}
