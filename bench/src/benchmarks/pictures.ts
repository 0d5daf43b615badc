import { rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { atLeast, atMost, defineBenchmark, median, type Figure } from "../benchmark.ts";
import type { Child } from "../child.ts";
import { largePair, type SourceFormat } from "../overhead/large-pictures.ts";
import { onStage, type Stage } from "../stage.ts";

const TURN_TIMEOUT_MS = 600_000;

/** Resource use of one contender, per portrait unless stated otherwise. */
interface Turn {
  readonly perSecond: number;
  readonly cpuMs: number;
  readonly majorGcs: number;
  /** Peak memory of the contender's process since its start. */
  readonly peakMiB: number;
}

interface Round {
  readonly script: Turn;
  readonly ours: Turn;
}

interface Case {
  readonly format: SourceFormat;
  readonly megapixels: number;
  readonly portraits: number;
}

/** Large pictures cost hundreds of times more than queue and ledger. */
export const pictures = defineBenchmark({
  name: "pictures",
  title: "large pictures through a worker, against a minimal script around sharp",
  sizes: {
    portraits: 48,
    concurrency: 8,
    rounds: 3,
    megapixels: 12,
    heicPortraits: 12,
    largeMegapixels: 45,
    largePortraits: 12,
  },
  tinySizes: {
    portraits: 2,
    concurrency: 2,
    rounds: 1,
    megapixels: 1,
    heicPortraits: 0,
    largeMegapixels: 2,
    largePortraits: 0,
  },
  run: async (sizes, say) => {
    const { portraits, concurrency, rounds, megapixels, heicPortraits, largeMegapixels, largePortraits } = sizes;
    const cases: readonly Case[] = [
      { format: "jpeg", megapixels, portraits },
      { format: "png", megapixels, portraits: largePortraits },
      { format: "heic", megapixels: 12, portraits: heicPortraits },
      { format: "jpeg", megapixels: largeMegapixels, portraits: largePortraits },
      { format: "png", megapixels: largeMegapixels, portraits: largePortraits },
    ];
    const figures: Figure[] = [];
    for (const [place, each] of cases.entries()) {
      if (each.portraits === 0) continue;
      const name = `${each.megapixels} MP ${each.format.toUpperCase()}`;
      const taken = await takeCase(each, concurrency, rounds, (line) => say(`${name}: ${line}`));
      figures.push(...figuresOf(name, taken, place === 0));
    }
    return {
      figures,
      notes: [
        `Medians of ${rounds} rounds in one run, alternating, after one round that warms up; ${concurrency} at once; photos and results in a local folder (in /dev/shm if present); an instant provider.`,
        "The script reads the photo, calls, fetches the result, decodes each of the two once into a thumbnail, compares, measures, hashes and writes the result. Darkroom also carries metadata over and keeps its records. CPU: user and system time of worker and producer, or of the script.",
        "A HEIC photo is converted for the provider, by both with the same decoder; its result is a JPEG. A PNG's result is a PNG.",
      ],
    };
  },
});

function figuresOf(name: string, rounds: readonly Round[], hasTargets: boolean): readonly Figure[] {
  const middle = (of: (round: Round) => number): number => median(rounds.map(of));
  const target = (value: Figure["target"]) => (hasTargets && value !== undefined ? { target: value } : {});
  return [
    {
      name: `${name}: Darkroom's CPU a portrait`,
      value: middle(({ ours }) => ours.cpuMs),
      unit: "ms",
      ...target(atMost(165)),
    },
    { name: `${name}: the script's CPU a portrait`, value: middle(({ script }) => script.cpuMs), unit: "ms" },
    { name: `${name}: Darkroom`, value: middle(({ ours }) => ours.perSecond), unit: "portraits/s" },
    { name: `${name}: the script`, value: middle(({ script }) => script.perSecond), unit: "portraits/s" },
    {
      name: `${name}: Darkroom against the script`,
      value: middle(({ ours, script }) => ours.perSecond / script.perSecond),
      unit: "×",
      ...target(atLeast(0.95)),
    },
    {
      name: `${name}: whole-heap collections a portrait`,
      value: middle(({ ours }) => ours.majorGcs),
      unit: "",
      ...target(atMost(0.1)),
    },
    { name: `${name}: the script's`, value: middle(({ script }) => script.majorGcs), unit: "" },
    {
      name: `${name}: the worker's most memory`,
      value: Math.max(...rounds.map(({ ours }) => ours.peakMiB)),
      unit: "MiB",
    },
    {
      name: `${name}: the script's most memory`,
      value: Math.max(...rounds.map(({ script }) => script.peakMiB)),
      unit: "MiB",
    },
  ];
}

async function takeCase(
  { format, megapixels, portraits }: Case,
  concurrency: number,
  wanted: number,
  say: (line: string) => void,
): Promise<readonly Round[]> {
  const pair = await largePair(format, megapixels);
  const env = { DARKROOM_BREAKER: "false" };
  const options = { provider: "light", latencyMs: 0, inMemory: true, result: pair.result, concurrency, env } as const;
  return await onStage(options, async (stage) => {
    for (let index = 0; index < portraits; index += 1) {
      await stage.source.put(`p${String(index).padStart(4, "0")}.${pair.extension}`, pair.another(index));
    }
    const [worker, producer] = [await stage.startWorker(), await stage.startProducer()];
    const script = await stage.startOwn("./overhead/sharp-process.ts");
    const rounds: Round[] = [];
    for (let round = 0; round <= wanted; round += 1) {
      const turns: Partial<Record<keyof Round, Turn>> = {};
      for (const who of round % 2 === 0 ? (["script", "ours"] as const) : (["ours", "script"] as const)) {
        const out = `${stage.root}out-${who}-${round}/`;
        const children = who === "ours" ? [worker, producer] : [script];
        turns[who] = await takeTurn(children, portraits, () =>
          who === "ours" ? runOurs(stage, portraits, out) : runScript(stage, script, portraits, out),
        );
        await stage.light.forget();
        await rm(fileURLToPath(out), { recursive: true, force: true });
        const { cpuMs, perSecond, majorGcs } = turns[who];
        say(
          `round ${round}: ${who} ${perSecond.toFixed(2)} a second, ${cpuMs.toFixed(0)} ms of CPU, ${majorGcs.toFixed(2)} collections`,
        );
      }
      if (round > 0) rounds.push(turns as Round);
    }
    return rounds;
  });
}

/** @param run returns its duration in seconds */
async function takeTurn(
  children: readonly [Child, ...Child[]] | readonly Child[],
  portraits: number,
  run: () => Promise<number>,
): Promise<Turn> {
  const [main] = children;
  if (main === undefined) throw new Error("nothing is measured");
  const cpuUs = async (): Promise<number> =>
    (await Promise.all(children.map((child) => child.usage()))).reduce((sum, usage) => sum + usage.cpuUs, 0);
  const [cpuBefore, before] = [await cpuUs(), await main.usage()];
  const seconds = await run();
  const [cpuAfter, after] = [await cpuUs(), await main.usage()];
  return {
    perSecond: portraits / seconds,
    cpuMs: (cpuAfter - cpuBefore) / 1_000 / portraits,
    majorGcs: (after.majorGcs - before.majorGcs) / portraits,
    peakMiB: after.peakRssBytes / 2 ** 20,
  };
}

async function runScript(stage: Stage, script: Child, portraits: number, destinationUrl: string): Promise<number> {
  const startedAt = performance.now();
  const run = `script-${startedAt}`;
  const done = await script.ask<number>("run", { run, sourceUrl: `${stage.root}in/`, destinationUrl });
  if (done !== portraits) throw new Error(`${done} of ${portraits} were done`);
  return (performance.now() - startedAt) / 1_000;
}

async function runOurs(stage: Stage, portraits: number, destination: string): Promise<number> {
  const startedAt = performance.now();
  const batch = await stage.submit({ source: `${stage.root}in/`, destination });
  const { counts } = await stage.untilSettled(batch, TURN_TIMEOUT_MS);
  const seconds = (performance.now() - startedAt) / 1_000;
  if (counts.succeeded !== portraits) throw new Error(`${counts.succeeded} of ${portraits} succeeded`);
  await stage.untilEnded(batch, TURN_TIMEOUT_MS);
  return seconds;
}
