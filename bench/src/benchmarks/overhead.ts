import { atLeast, atMost, defineBenchmark, median } from "../benchmark.ts";
import type { Child } from "../child.ts";
import { onStage, type Stage } from "../stage.ts";

const TURN_TIMEOUT_MS = 300_000;
/** By then the code that runs most is compiled. */
const WARM_UP_ROUNDS = 2;

interface Turn {
  readonly perSecond: number;
  /** Of the processes that do the work. */
  readonly cpuUs: number;
  readonly redisCpuUs: number;
}

export const overhead = defineBenchmark({
  name: "overhead",
  title: "the whole path with an instant provider, against a script and against plain BullMQ",
  sizes: { portraits: 1_000, concurrency: 50, rounds: 9 },
  tinySizes: { portraits: 20, concurrency: 5, rounds: 1 },
  run: ({ portraits, concurrency, rounds: wantedRounds }, say) =>
    onStage({ provider: "light", concurrency, latencyMs: 0, inMemory: true }, async (stage) => {
      await stage.addPhotos(portraits);
      const ours = [await stage.startWorker(), await stage.startProducer()];
      const script = await stage.startOwn("./overhead/script-process.ts");
      const bullmq = await stage.startOwn("./overhead/bullmq-process.ts");
      const contenders = {
        script: (run: string) => takeTurn(stage, [script], portraits, () => runOwn(stage, script, portraits, run)),
        bullmq: (run: string) => takeTurn(stage, [bullmq], portraits, () => runOwn(stage, bullmq, portraits, run)),
        ours: (run: string) => takeTurn(stage, ours, portraits, () => runOurs(stage, portraits, run)),
      };
      const names = ["script", "bullmq", "ours"] as const;
      const takeRound = async (round: number): Promise<Record<keyof typeof contenders, Turn>> => {
        const turns: Partial<Record<keyof typeof contenders, Turn>> = {};
        // Each begins as often as the others: what a turn leaves behind meets them all.
        for (let place = 0; place < names.length; place += 1) {
          const name = names[(round + place) % names.length] ?? "ours";
          turns[name] = await contenders[name](`${name}-${round}`);
          await stage.light.forget();
          say(`round ${round}: ${name} ${Math.round(turns[name].perSecond)} a second`);
        }
        return turns as Record<keyof typeof contenders, Turn>;
      };
      say(`the first ${WARM_UP_ROUNDS} rounds warm everything up and do not count`);
      for (let round = 0; round < WARM_UP_ROUNDS; round += 1) await takeRound(round);
      const rounds: Awaited<ReturnType<typeof takeRound>>[] = [];
      for (let round = 0; round < wantedRounds; round += 1) rounds.push(await takeRound(WARM_UP_ROUNDS + round));
      const middle = (of: (turns: Record<keyof typeof contenders, Turn>) => number): number => median(rounds.map(of));
      return {
        figures: [
          {
            name: "Darkroom against the script",
            value: middle(({ ours, script }) => ours.perSecond / script.perSecond),
            unit: "×",
            target: atLeast(0.8),
          },
          {
            name: "plain BullMQ against the script",
            value: middle(({ bullmq, script }) => bullmq.perSecond / script.perSecond),
            unit: "×",
          },
          {
            name: "CPU added to a portrait by queue and ledger, Redis included",
            value: middle(({ ours, script }) => ours.cpuUs - script.cpuUs + ours.redisCpuUs),
            unit: "µs",
            target: atMost(350),
          },
          {
            name: "of it in worker and producer",
            value: middle(({ ours, script }) => ours.cpuUs - script.cpuUs),
            unit: "µs",
          },
          { name: "of it in Redis", value: middle(({ ours }) => ours.redisCpuUs), unit: "µs" },
          {
            name: "CPU added to a portrait by plain BullMQ, Redis included",
            value: middle(({ bullmq, script }) => bullmq.cpuUs - script.cpuUs + bullmq.redisCpuUs),
            unit: "µs",
          },
          { name: "the script's own CPU a portrait", value: middle(({ script }) => script.cpuUs), unit: "µs" },
          { name: "Darkroom", value: middle(({ ours }) => ours.perSecond), unit: "portraits/s" },
          { name: "the script", value: middle(({ script }) => script.perSecond), unit: "portraits/s" },
          { name: "plain BullMQ", value: middle(({ bullmq }) => bullmq.perSecond), unit: "portraits/s" },
        ],
        notes: [
          `In turns over ${wantedRounds} rounds in one run; medians of what the rounds gave, each compared within itself; small pictures in a local folder (in memory where there is /dev/shm), concurrency ${concurrency}.`,
          "All three list, look whether the result is there, probe, call, fetch, check, write and clear the session.",
          "Rates are from the submission to the last portrait's end; CPU is up to the finished report.",
        ],
      };
    }),
});

async function takeTurn(
  stage: Stage,
  children: readonly Child[],
  portraits: number,
  run: () => Promise<number>,
): Promise<Turn> {
  const cpuUs = async (): Promise<number> =>
    (await Promise.all(children.map((child) => child.usage()))).reduce((sum, usage) => sum + usage.cpuUs, 0);
  const before = [await cpuUs(), await stage.redis.cpuUs()] as const;
  const seconds = await run();
  const after = [await cpuUs(), await stage.redis.cpuUs()] as const;
  return {
    perSecond: portraits / seconds,
    cpuUs: (after[0] - before[0]) / portraits,
    redisCpuUs: (after[1] - before[1]) / portraits,
  };
}

async function runOwn(stage: Stage, child: Child, portraits: number, run: string): Promise<number> {
  const startedAt = performance.now();
  const done = await child.ask<number>("run", {
    run,
    sourceUrl: `${stage.root}in/`,
    destinationUrl: `${stage.root}out-${run}/`,
  });
  if (done !== portraits) throw new Error(`${run}: ${done} of ${portraits} were done`);
  return (performance.now() - startedAt) / 1_000;
}

async function runOurs(stage: Stage, portraits: number, run: string): Promise<number> {
  const startedAt = performance.now();
  const batch = await stage.submit({ source: `${stage.root}in/`, destination: `${stage.root}out-${run}/` });
  const { counts } = await stage.untilSettled(batch, TURN_TIMEOUT_MS);
  const seconds = (performance.now() - startedAt) / 1_000;
  if (counts.succeeded !== portraits) throw new Error(`${run}: ${counts.succeeded} of ${portraits} succeeded`);
  await stage.untilEnded(batch, TURN_TIMEOUT_MS);
  return seconds;
}
