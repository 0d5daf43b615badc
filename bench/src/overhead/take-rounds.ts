import type { Child } from "../child.ts";
import { onStage, type Stage, type StageOptions } from "../stage.ts";

const TURN_TIMEOUT_MS = 300_000;
/**
 * While the CPU of a round is lower than that of every earlier round by at least this share, code is still being
 * compiled.
 */
const STILL_WARMS = 0.03;
/** Number of rounds after which an unsteady CPU must come from another load on the machine. */
const MOST_WARM_UP_ROUNDS = 8;

/** Resource use of one contender for all portraits. Microseconds are per portrait. */
interface Turn {
  readonly perSecond: number;
  /** CPU of the contender's processes. */
  readonly cpuUs: number;
  readonly redisCpuUs: number;
}

const NAMES = ["script", "bullmq", "ours"] as const;
/** The minimal script, a plain BullMQ worker, and Darkroom, in one round. */
export type Round = Readonly<Record<(typeof NAMES)[number], Turn>>;

/**
 * Runs the same photos through the script, plain BullMQ and Darkroom in turn. Each starts equally often, so that
 * after-effects of a run affect all of them.
 */
export async function takeRounds(
  options: Pick<StageOptions, "concurrency" | "echo"> & Partial<Pick<StageOptions, "latencyMs">>,
  portraits: number,
  rounds: number,
  say: (line: string) => void,
): Promise<readonly Round[]> {
  const env = { DARKROOM_BREAKER: "false" };
  return await onStage({ latencyMs: 0, ...options, provider: "light", inMemory: true, env }, async (stage) => {
    await stage.addPhotos(portraits, options.echo === true);
    const ours = [await stage.startWorker(), await stage.startProducer()];
    const script = await stage.startOwn("./overhead/script-process.ts");
    const bullmq = await stage.startOwn("./overhead/bullmq-process.ts");
    const contenders = {
      script: (run: string) => takeTurn(stage, [script], portraits, () => runOwn(stage, script, portraits, run)),
      bullmq: (run: string) => takeTurn(stage, [bullmq], portraits, () => runOwn(stage, bullmq, portraits, run)),
      ours: (run: string) =>
        takeTurn(stage, ours, portraits, () => runOurs(stage, portraits, run, options.echo === true)),
    };
    const takeRound = async (round: number): Promise<Round> => {
      const turns: Partial<Record<keyof Round, Turn>> = {};
      for (let place = 0; place < NAMES.length; place += 1) {
        const name = NAMES[(round + place) % NAMES.length] ?? "ours";
        turns[name] = await contenders[name](`${name}-${round}`);
        await stage.light.forget();
        say(`round ${round}: ${name} ${Math.round(turns[name].perSecond)} a second`);
      }
      return turns as Round;
    };
    say("the first rounds warm everything up and do not count");
    const warmUp: number[] = [];
    while (warmUp.length < MOST_WARM_UP_ROUNDS) {
      const costUs = costOf(await takeRound(warmUp.length));
      const isSteady = warmUp.length > 0 && costUs > (1 - STILL_WARMS) * Math.min(...warmUp);
      warmUp.push(costUs);
      if (isSteady) break;
    }
    const taken: Round[] = [];
    for (let round = 0; round < rounds; round += 1) taken.push(await takeRound(warmUp.length + round));
    return taken;
  });
}

/** Returns the CPU time of all contenders and of Redis, in µs per portrait. */
function costOf(round: Round): number {
  return NAMES.reduce((sum, name) => sum + round[name].cpuUs + round[name].redisCpuUs, 0);
}

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

async function runOurs(stage: Stage, portraits: number, run: string, echo: boolean): Promise<number> {
  const startedAt = performance.now();
  const batch = await stage.submit({ source: `${stage.root}in/`, destination: `${stage.root}out-${run}/` });
  const { counts } = await stage.untilSettled(batch, TURN_TIMEOUT_MS);
  const seconds = (performance.now() - startedAt) / 1_000;
  const asWished = echo ? counts.failed : counts.succeeded;
  if (asWished !== portraits) throw new Error(`${run}: ${asWished} of ${portraits} ended as they should`);
  await stage.untilEnded(batch, TURN_TIMEOUT_MS);
  return seconds;
}
