import { messageOf } from "@darkroom/core";
import { closeWithin } from "@darkroom/redis-kit";
import type { ProducerContext } from "../context.ts";
import type { Keeper } from "../reconciler.ts";
import { FEED_GAP_MS_PER_BATCH, ROUND_MS, ROUND_MS_PER_BATCH } from "../dispatch/rhythm.ts";

/** Rounds when something happened to a batch or nothing was heard for a while, feeding on a nudge; never two at once. */
export async function runRounds({ bus, log, signal }: ProducerContext, keeper: Keeper): Promise<void> {
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
  let roundAt = 0;
  let feedAt = 0;
  let hungry = new Set<string>();
  const stopListening = await Promise.all([
    bus.onControl(() => {
      roundAt = 0;
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
      if (now >= roundAt) {
        roundAt = now + Math.max(ROUND_MS, ROUND_MS_PER_BATCH * keeper.batches);
        hungry.clear();
        for (const lane of await keeper.round(now)) hungry.add(lane);
      } else if (hungry.size > 0 && now >= feedAt) {
        const due = hungry;
        hungry = new Set();
        for (const lane of due) {
          if (await keeper.feed(lane, now)) hungry.add(lane);
        }
        feedAt = performance.now() + FEED_GAP_MS_PER_BATCH * keeper.batches;
      }
    } catch (error) {
      if (!signal.aborted) log.error({ err: error }, `a round failed and is tried again: ${messageOf(error)}`);
    }
    if (signal.aborted) break;
    await wait((hungry.size > 0 ? Math.min(feedAt, roundAt) : roundAt) - performance.now());
  }
  await closeWithin(() => Promise.all(stopListening.map((stop) => stop())));
}
