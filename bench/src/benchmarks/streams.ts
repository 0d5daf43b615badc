import { setTimeout as sleep } from "node:timers/promises";
import { atLeast, atMost, defineBenchmark, type Figure } from "../benchmark.ts";
import { onStage } from "../stage.ts";
import { until } from "../until.ts";

/** Longer than the measurement, so that no call ends during it. */
const LATENCY_MS = 3_600_000;
const PROGRESS_MS = 5_000;
const OPEN_TIMEOUT_MS = 180_000;
const LOOK_EVERY_MS = 250;
const KIB = 1_024;
/** The size of a small portrait from a camera, so that the memory of a waiting photo is visible. */
const PHOTO_BYTES = 300 * KIB;

export const streams = defineBenchmark({
  name: "streams",
  title: "open provider streams in one worker process",
  sizes: { few: 1_000, some: 5_000, many: 10_000, holdMs: 20_000, settleMs: 5_000 },
  tinySizes: { few: 10, some: 20, many: 30, holdMs: 200, settleMs: 100 },
  run: ({ few, some, many, holdMs, settleMs }, say) =>
    onStage({ provider: "light", concurrency: many, latencyMs: LATENCY_MS, progressMs: PROGRESS_MS }, async (stage) => {
      const worker = await stage.startWorker();
      await stage.startProducer();
      await sleep(settleMs);
      const idle = await worker.usage();
      const figures: Figure[] = [];
      let reached = 0;
      for (const wanted of [few, some, many]) {
        const source = await stage.addManifest(`to-${wanted}.csv`, wanted - reached, PHOTO_BYTES);
        await worker.ask("reset-loop-delay");
        await stage.submit({ source, baseUrl: `${stage.root}in/`, destination: `${stage.root}out-${wanted}/` });
        const opened = await open(stage.light.stats, wanted);
        const whileOpening = await worker.usage();
        say(`${opened} of ${wanted} streams are open`);
        reached = opened;
        // Time for collecting the garbage from opening the streams.
        await sleep(settleMs);
        await worker.ask("reset-loop-delay");
        const before = await worker.usage();
        await sleep(holdMs);
        const after = await worker.usage();
        const label = `at ${wanted.toLocaleString("en-US")}`;
        const isMost = wanted === many;
        figures.push(
          {
            name: `streams open, ${label}`,
            value: opened,
            unit: "",
            ...(isMost ? { target: atLeast(many) } : {}),
          },
          {
            name: `RSS each, ${label}`,
            value: (after.rssBytes - idle.rssBytes) / opened / KIB,
            unit: "KB",
            ...(isMost ? { target: atMost(40) } : {}),
          },
          {
            name: `event loop delay p99, ${label}`,
            value: after.loopDelayP99Ms,
            unit: "ms",
            target: atMost(50),
          },
          { name: `CPU, ${label}`, value: (after.cpuUs - before.cpuUs) / (holdMs * 10), unit: "%" },
          { name: `longest block while opening, ${label}`, value: whileOpening.loopDelayMaxMs, unit: "ms" },
        );
        if (opened < wanted) break;
      }
      return {
        figures,
        notes: [
          `Photos of ${PHOTO_BYTES / KIB} KB; a progress event on each stream every ${PROGRESS_MS / 1_000} s, the queue's locks renewed; held for ${holdMs / 1_000} s each.`,
          `The idle worker (${Math.round(idle.rssBytes / KIB / KIB)} MiB) is subtracted; the delay includes the 10 ms between two samples.`,
        ],
      };
    }),
});

/**
 * Waits until this many streams are open, or no more are opened.
 *
 * @returns the number of open streams
 */
async function open(stats: () => Promise<{ readonly open: number }>, wanted: number): Promise<number> {
  let most = 0;
  let growingAt = performance.now();
  return await until(
    async () => {
      const now = (await stats()).open;
      if (now > most) growingAt = performance.now();
      most = Math.max(most, now);
      const stuck = performance.now() - growingAt > OPEN_TIMEOUT_MS / 4;
      return now >= wanted || stuck ? now : undefined;
    },
    { what: `${wanted} open streams`, timeoutMs: OPEN_TIMEOUT_MS, everyMs: LOOK_EVERY_MS },
  );
}
