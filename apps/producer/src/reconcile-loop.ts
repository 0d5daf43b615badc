import { messageOf } from "@darkroom/core";
import { closeWithin } from "@darkroom/redis-kit";
import type { ProducerContext } from "./context.ts";
import type { Reconciler } from "./reconciler.ts";
import { FEED_GAP_MS_PER_BATCH, TICK_MS, TICK_MS_PER_BATCH } from "./dispatch/intervals.ts";

/** Runs a tick on each control message or after the interval, and feeds lanes on a nudge. Never runs two at once. */
export async function runReconcileLoop({ bus, log, signal }: ProducerContext, reconciler: Reconciler): Promise<void> {
  let wake: () => void = () => undefined;
  const wait = async (ms: number): Promise<void> => {
    if (ms <= 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    wake = () => undefined;
  };
  let tickAt = 0;
  let feedAt = 0;
  let hungry = new Set<string>();
  const stopListening = await Promise.all([
    bus.onControl(({ type }) => {
      if (type === "schedule-changed") reconciler.lookAtSchedules();
      tickAt = 0;
      wake();
    }),
    bus.onNudge((lane) => {
      hungry.add(lane);
      wake();
    }),
  ]);
  signal.addEventListener("abort", () => wake());
  while (!signal.aborted) {
    const now = performance.now();
    try {
      if (now >= tickAt) {
        tickAt = now + Math.max(TICK_MS, TICK_MS_PER_BATCH * reconciler.batches);
        hungry.clear();
        for (const lane of await reconciler.tick(now)) hungry.add(lane);
      } else if (hungry.size > 0 && now >= feedAt) {
        const due = hungry;
        hungry = new Set();
        for (const lane of due) {
          if (await reconciler.feed(lane, now)) hungry.add(lane);
        }
        feedAt = performance.now() + FEED_GAP_MS_PER_BATCH * reconciler.batches;
      }
    } catch (error) {
      if (!signal.aborted) log.error({ err: error }, `a reconcile tick failed, retrying: ${messageOf(error)}`);
    }
    if (signal.aborted) break;
    await wait((hungry.size > 0 ? Math.min(feedAt, tickAt) : tickAt) - performance.now());
  }
  await closeWithin(() => Promise.all(stopListening.map((stop) => stop())));
}
