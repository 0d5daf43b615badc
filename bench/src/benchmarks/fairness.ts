import { setTimeout as sleep } from "node:timers/promises";
import { settledCount } from "@darkroom/core";
import { atMost, defineBenchmark } from "../benchmark.ts";
import type { LightCall } from "../provider/main.ts";
import { onStage } from "../stage.ts";

const TIMEOUT_MS = 300_000;

export const fairness = defineBenchmark({
  name: "fairness",
  title: "a small batch that is submitted behind a very large one",
  sizes: { rows: 1_000_000, small: 20, times: 5, concurrency: 10, latencyMs: 1_000 },
  tinySizes: { rows: 3_000, small: 4, times: 1, concurrency: 2, latencyMs: 100 },
  run: ({ rows, small, times, concurrency, latencyMs }, say) =>
    onStage({ provider: "light", concurrency, latencyMs }, async (stage) => {
      const source = await stage.addManifest("big.csv", rows);
      const little = await stage.addManifest("small.csv", small);
      await stage.startWorker();
      await stage.startProducer();
      const baseUrl = `${stage.root}in/`;
      const big = await stage.submit({ source, baseUrl });
      await stage.untilBatch(big, "it is ingested", TIMEOUT_MS, ({ ingested }) => ingested);
      say(`${rows} rows are ingested`);
      const waitsMs: number[] = [];
      const fromSubmissionMs: number[] = [];
      const tookMs: number[] = [];
      let shareDone = 0;
      for (let time = 0; time < times; time += 1) {
        // Kills at a random point of the common cycle of the calls.
        await sleep(latencyMs * (1 + time / times));
        const doneBefore = settledCount((await stage.readBatch(big)).counts);
        const submittedAt = Date.now();
        const id = await stage.submit({ source: little, baseUrl, destination: `${stage.root}small-${time}/` });
        const { counts } = await stage.untilSettled(id, TIMEOUT_MS);
        tookMs.push(Date.now() - submittedAt);
        if (counts.succeeded !== small) throw new Error(`${counts.succeeded} of ${small} succeeded`);
        const doneMeanwhile = settledCount((await stage.readBatch(big)).counts) - doneBefore;
        shareDone = Math.max(shareDone, doneMeanwhile / rows);
        const calls = await stage.light.calls();
        const firstStart = earliest(
          calls.filter(({ session }) => session.includes(id)),
          ({ startedAt }) => startedAt,
        );
        const firstFree = earliest(
          calls.filter(({ endedAt }) => endedAt !== undefined && endedAt >= submittedAt),
          ({ endedAt }) => endedAt,
        );
        waitsMs.push(Math.max(0, firstStart - firstFree));
        fromSubmissionMs.push(firstStart - submittedAt);
        say(`the first of ${small} started ${firstStart - submittedAt} ms after its submission`);
      }
      return {
        figures: [
          {
            name: "wait to the first start, once a slot was free",
            value: Math.max(...waitsMs),
            unit: "ms",
            target: atMost(1_000),
          },
          {
            name: "of the large batch done until all of the small one were",
            value: shareDone * 100,
            unit: "%",
            target: atMost(1),
          },
          { name: "submission to first start", value: Math.max(...fromSubmissionMs), unit: "ms" },
          { name: "submission to the last end", value: Math.max(...tookMs), unit: "ms" },
        ],
        notes: [
          `${small} portraits behind ${rows.toLocaleString("en-US")}, concurrency ${concurrency}, ${latencyMs} ms a call; the worst of ${times}.`,
        ],
      };
    }),
});

function earliest(calls: readonly LightCall[], at: (call: LightCall) => number | undefined): number {
  return Math.min(...calls.map((call) => at(call) ?? Infinity));
}
