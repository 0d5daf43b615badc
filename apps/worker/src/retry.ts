import { backoffMs, messageOf, type DarkroomError, type OutcomeCode } from "@darkroom/core";
import type { Receipt } from "@darkroom/ledger";
import type { WorkerContext } from "./context.ts";
import { outcomeOf, type Ending } from "./ending.ts";

/** Another try after a provider failure, or the end when the attempts are used up. The attempt is counted here. */
export function providerFailed(
  context: WorkerContext,
  receipt: Receipt,
  code: OutcomeCode,
  message: string,
  pricePerTurnUsd: number | undefined,
  retryAfterMs = 0,
): Ending {
  const counted: Receipt = { ...receipt, attempts: receipt.attempts + 1, lastFailure: { code, message } };
  if (counted.attempts >= context.timing.attempts) {
    return { kind: "settle", outcome: outcomeOf(counted, code, message, pricePerTurnUsd) };
  }
  const delayMs = backoffMs(context.timing.backoff, counted.attempts, context.random(), retryAfterMs);
  return { kind: "later", delayMs, receipt: counted, message };
}

/** The same for the object store (or a fault of our own), which has a count of its own: providers' attempts stay whole. */
export function storageFailed(
  context: WorkerContext,
  receipt: Receipt,
  error: unknown,
  code: "storage_error" | "internal" = "storage_error",
): Ending {
  const counted: Receipt = { ...receipt, storageFailures: receipt.storageFailures + 1 };
  const final = (error as Partial<DarkroomError>).retryable === false;
  if (final || counted.storageFailures >= context.timing.attempts) {
    return { kind: "settle", outcome: outcomeOf(counted, code, messageOf(error), undefined) };
  }
  const delayMs = backoffMs(context.timing.backoff, counted.storageFailures, context.random());
  return { kind: "later", delayMs, receipt: counted, message: messageOf(error) };
}
