import { atMost, defineBenchmark, type Figure } from "../benchmark.ts";
import { onStage } from "../stage.ts";

export const makespan = defineBenchmark({
  name: "makespan",
  title: "how long a batch takes with a slow provider, against portraits × latency / concurrency",
  sizes: {
    latencyMs: 30_000,
    concurrency: 100,
    portraits: 400,
    shortLatencyMs: 3_000,
    shortConcurrency: 50,
    shortPortraits: 1_000,
  },
  tinySizes: {
    latencyMs: 300,
    concurrency: 10,
    portraits: 20,
    shortLatencyMs: 100,
    shortConcurrency: 5,
    shortPortraits: 20,
  },
  async run(sizes, say) {
    const long = await measure(sizes.portraits, sizes.latencyMs, sizes.concurrency, say);
    const short = await measure(sizes.shortPortraits, sizes.shortLatencyMs, sizes.shortConcurrency, say);
    return {
      figures: [{ ...long, target: atMost(1.02) }, short],
      notes: [
        "From submission to the last portrait's end; 1 × is the best possible time.",
        "All calls last equally long, so they end together. The target is for the long form; short calls give gaps more weight.",
      ],
    };
  },
});

async function measure(
  portraits: number,
  latencyMs: number,
  concurrency: number,
  say: (line: string) => void,
): Promise<Figure> {
  const what = `${portraits} portraits of ${latencyMs / 1_000} s, ${concurrency} at once`;
  say(what);
  const bestMs = (portraits * latencyMs) / concurrency;
  const tookMs = await onStage({ provider: "light", concurrency, latencyMs }, async (stage) => {
    await stage.addPhotos(portraits);
    await stage.startWorker();
    await stage.startProducer();
    const startedAt = performance.now();
    const batch = await stage.submit({ source: `${stage.root}in/` });
    const { counts } = await stage.untilSettled(batch, bestMs * 3 + 60_000);
    if (counts.succeeded !== portraits) throw new Error(`${counts.succeeded} of ${portraits} succeeded`);
    return performance.now() - startedAt;
  });
  return { name: what, value: tookMs / bestMs, unit: "×" };
}
