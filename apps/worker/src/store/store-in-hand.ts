import { setTimeout as sleep } from "node:timers/promises";
import { backoffMs, isDarkroomError, withStorageFailure } from "@darkroom/core";
import { destinationWaitMs } from "../destinations/destination-wait.ts";
import { DestinationBlocked } from "../destinations/destinations.ts";
import type { PortraitRun } from "../run/portrait-run.ts";
import { RunEnded, type RunEnding } from "../run/run-ending.ts";

/** How to store pictures that are in memory. */
interface StoringInHand {
  /** Makes one attempt. May be called again. */
  readonly once: () => Promise<RunEnding>;
  /** Stores the pictures elsewhere. Returns false when that fails. */
  readonly keep: () => Promise<boolean>;
}

/**
 * Stores pictures that exist only in this process. If they were lost, they would have to be paid for again. If the
 * store refuses their keys, keeps the pictures elsewhere for another run. If that fails too, retries transient errors
 * here until the storage attempts are used up, and waits for a blocked destination.
 *
 * @throws the store's last error
 */
export async function storeInHand(run: PortraitRun, { once, keep }: StoringInHand): Promise<RunEnding> {
  const { signal, timing } = run;
  const { random } = run.context;
  for (;;) {
    try {
      return await once();
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof RunEnded || (await keep())) throw error;
      if (error instanceof DestinationBlocked) {
        await sleep(destinationWaitMs({ random }, error.blocked), undefined, { signal });
        continue;
      }
      const mayPass = isDarkroomError(error) && error.code.startsWith("storage_") && error.retryable;
      const counted = withStorageFailure(run.receipt);
      const failures = counted.storageFailures;
      // The caller ends the run and counts the last failure.
      if (!mayPass || failures >= timing.attempts) throw error;
      run.receipt = counted;
      await sleep(backoffMs(timing.backoff, failures, random()), undefined, { signal });
    }
  }
}
