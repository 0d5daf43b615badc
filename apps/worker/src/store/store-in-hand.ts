import { setTimeout as sleep } from "node:timers/promises";
import { backoffMs, isDarkroomError } from "@darkroom/core";
import type { WorkerContext } from "../run/worker-context.ts";
import { destinationWaitMs } from "../destinations/destination-wait.ts";
import { DestinationBlocked } from "../destinations/destinations.ts";
import { EndRun, type Ending } from "../run/run-ending.ts";
import type { ReceiptBox } from "../enhance/receipt-box.ts";

/**
 * Stores pictures that are in this process alone, where another run would pay for them again. Where their place takes them
 * not, they are kept elsewhere, and another run goes on with them. Where that cannot be either, it is tried again here while
 * the store's fault may pass, until the attempts that the store has are used up. A blocked destination is waited for.
 *
 * @param tries.once one try; may be repeated
 * @param tries.keep false where they could not be kept
 * @throws the store's last fault
 */
export async function storeInHand(
  { timing, random }: Pick<WorkerContext, "timing" | "random">,
  signal: AbortSignal,
  box: ReceiptBox,
  { once, keep }: { readonly once: () => Promise<Ending>; readonly keep: () => Promise<boolean> },
): Promise<Ending> {
  for (;;) {
    try {
      return await once();
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof EndRun || (await keep())) throw error;
      if (error instanceof DestinationBlocked) {
        await sleep(destinationWaitMs({ random }, error.blocked), undefined, { signal });
        continue;
      }
      const mayPass = isDarkroomError(error) && error.code.startsWith("storage_") && error.retryable;
      const failures = box.current.storageFailures + 1;
      // The last one is counted by whoever ends the run.
      if (!mayPass || failures >= timing.attempts) throw error;
      box.current = { ...box.current, storageFailures: failures };
      await sleep(backoffMs(timing.backoff, failures, random()), undefined, { signal });
    }
  }
}
