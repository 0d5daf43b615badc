import { setTimeout as sleep } from "node:timers/promises";
import { backoffMs, isDarkroomError, withStorageFailure } from "@darkroom/core";
import { destinationWaitMs } from "../destinations/destination-wait.ts";
import { DestinationBlocked } from "../destinations/destinations.ts";
import type { PortraitRun } from "../run/portrait-run.ts";
import { RunEnded, type RunEnding } from "../run/run-ending.ts";

/** How to store pictures that are in memory. */
interface StoringInHand {
  /** One attempt; may be repeated. */
  readonly once: () => Promise<RunEnding>;
  /** Keeps them elsewhere; false when that fails. */
  readonly keep: () => Promise<boolean>;
}

/**
 * Stores pictures that exist only in this process and would otherwise be paid for again. If their place refuses them,
 * they are kept elsewhere for another run. If that fails too, transient errors are retried here until the storage
 * attempts are used up, and a blocked destination is waited for.
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
      // The caller that ends the run counts the last failure.
      if (!mayPass || failures >= timing.attempts) throw error;
      run.receipt = counted;
      await sleep(backoffMs(timing.backoff, failures, random()), undefined, { signal });
    }
  }
}
