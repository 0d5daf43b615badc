import { setTimeout as sleep } from "node:timers/promises";
import { backoffMs, isDarkroomError } from "@darkroom/core";
import { destinationWaitMs } from "../destinations/destination-wait.ts";
import { DestinationBlocked } from "../destinations/destinations.ts";
import type { PortraitRun } from "../run/portrait-run.ts";
import { RunEnded, type RunEnding } from "../run/run-ending.ts";

/** How pictures in memory are stored. */
interface StoringInHand {
  /** One try; may be repeated. */
  readonly once: () => Promise<RunEnding>;
  /** Keeps them elsewhere; false where they could not be kept. */
  readonly keep: () => Promise<boolean>;
}

/**
 * Stores pictures that are in this process alone, where another run would pay for them again. Where their place refuses
 * them, they are kept elsewhere, and another run goes on with them. Where that cannot be either, it is tried again here
 * while the store's fault may pass, until the attempts that the store has are used up. A blocked destination is waited for.
 *
 * @throws the store's last fault
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
      const failures = run.receipt.storageFailures + 1;
      // The last one is counted by whoever ends the run.
      if (!mayPass || failures >= timing.attempts) throw error;
      run.receipt = { ...run.receipt, storageFailures: failures };
      await sleep(backoffMs(timing.backoff, failures, random()), undefined, { signal });
    }
  }
}
