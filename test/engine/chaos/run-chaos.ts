import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RecipeStep } from "@darkroom/core";
import { sharedKeys } from "@darkroom/ledger";
import { openStores } from "@darkroom/storage";
import { startRedis, testS3, until } from "@darkroom/testkit";
import { RANDOM_FAULT_KINDS, type FaultKind } from "@darkroom/twin";
import { startEngine } from "../kit/engine.ts";
import { describeBlow, planBlows, type BlowKind, type Violence } from "./blow-plan.ts";
import { checkBooks, UNFIXABLE, type Books } from "./check-books.ts";
import { checkDeliveries } from "./check-deliveries.ts";
import { checkRemains } from "./check-remains.ts";
import { Crew } from "./crew.ts";
import { seededRandom } from "./random.ts";
import { startStoreProxy, type StoreFault } from "./store-proxy.ts";
import { strikeAll } from "./strike.ts";
import { watchBatch, type Watch } from "./watch-batch.ts";

export interface ChaosOptions {
  readonly portraits: number;
  /** Determines all failures and faults. */
  readonly seed: string;
  readonly violence: Violence;
  /** Maximum duration of the failures, in ms. The failures end earlier once nine of ten portraits have ended. */
  readonly blowsForMs: number;
  /** Maximum time from the last failure to the end of the batch, in ms. */
  readonly calmWithinMs: number;
  readonly concurrency: number;
  /** The provider's time per picture. */
  readonly latencyMs: [low: number, high: number];
  /** Faults in addition to the default random ones and refusals. */
  readonly moreFaults: readonly FaultKind[];
  /** True if the provider also loses answers that it has billed, so that their lines must say `maybe`. */
  readonly forgetful: boolean;
  /** Number of paid turns of the recipe: 1 or 2. */
  readonly steps: number;
  readonly workers: number;
  readonly producers: number;
  readonly say: (line: string) => void;
}

export interface ChaosResult {
  readonly blows: Readonly<Partial<Record<BlowKind, number>>>;
  readonly storeFaults: Readonly<Record<StoreFault, number>>;
  /** Number of worker and producer processes started. */
  readonly processes: number;
  readonly watch: Watch;
  readonly books: Books;
  readonly lines: number;
  /** Number of calls with a fault of the simulator. */
  readonly providerFaults: number;
  readonly blowsMs: number;
  /** Time from the last failure to the end of the batch, in ms. */
  readonly calmMs: number;
  /** Broken promises; empty if all promises hold. */
  readonly findings: readonly string[];
}

const RECIPE_STEPS: readonly RecipeStep[] = [
  { preset: "professional-polish" },
  { prompt: "Make the background plain grey." },
];
const PROVIDER_FAULT_RATE = 0.1;
const START_WITHIN_MS = 120_000;
const STOP_WITHIN_MS = 10_000;
const MOST_FINDINGS = 50;

/**
 * Runs one batch through failures of worker, producer, Redis, store and provider at the same time, and checks every
 * promise.
 */
export async function runChaos(options: ChaosOptions): Promise<ChaosResult> {
  const { portraits, seed, violence, say } = options;
  const findings: string[] = [];
  const find = (finding: string): void => {
    if (findings.length < MOST_FINDINGS) findings.push(finding);
    say(`BROKEN: ${finding}`);
  };
  const s3 = testS3();
  const logDir = await mkdtemp(join(tmpdir(), "darkroom-chaos-"));
  await using closing = new AsyncDisposableStack();
  const redis = closing.use(await startRedis());
  const proxy = closing.adopt(await startStoreProxy(s3.endpoint, seededRandom(`${seed}/store`)), (each) =>
    each.close(),
  );
  const engine = closing.adopt(
    await startEngine({
      redisUrl: redis.url,
      store: "s3",
      workers: 0,
      producer: false,
      twin: {
        seed,
        latencyMs: options.latencyMs,
        randomFaults: {
          rate: PROVIDER_FAULT_RATE,
          kinds: [
            ...RANDOM_FAULT_KINDS,
            ...UNFIXABLE,
            ...options.moreFaults,
            ...(options.forgetful ? (["memory_lost"] as const) : []),
          ],
        },
      },
      env: {
        AWS_ENDPOINT_URL_S3: proxy.url,
        // The provider fetches photos without the proxy, because a photo that it cannot fetch is refused permanently.
        DARKROOM_S3_LINK_ENDPOINT: s3.endpoint,
        DARKROOM_LANE_CONCURRENCY: String(options.concurrency),
        DARKROOM_LOCK_MS: "2000",
        // Store failures are so frequent that the default number of attempts would be used up.
        DARKROOM_ATTEMPTS: "50",
        DARKROOM_BACKOFF_BASE_MS: "300",
        DARKROOM_BACKOFF_CAP_MS: "3000",
      },
    }),
    (each) => each.close(),
  );
  const direct = closing.adopt(openStores({ s3, local: engine.settings.local }), (each) => each.close());
  const crew = new Crew(engine.env, logDir);
  closing.defer(() => crew.killAll());

  await engine.addPhotos(portraits);
  await Promise.all([crew.start("worker", options.workers), crew.start("producer", options.producers)]);
  const { workers } = sharedKeys(engine.settings.redis.namespace);
  await until(async () => (await engine.redis.hlen(workers)) === options.workers + options.producers, {
    what: "all processes to beat",
    timeoutMs: START_WITHIN_MS,
  });
  const steps = RECIPE_STEPS.slice(0, options.steps);
  const batchId = await engine.submit({ recipe: { steps, mode: "eco" } });
  say(`batch ${batchId}: ${portraits} portraits, seed ${seed}`);
  const watcher = watchBatch(engine, batchId, find);
  closing.defer(() => watcher.stop());

  const startedAt = performance.now();
  const { seen } = watcher;
  const enough = (): boolean => seen.total === portraits && seen.settled >= portraits * 0.9;
  const blows = await strikeAll(planBlows(seed, violence, options.blowsForMs), { crew, redis, proxy }, enough, (blow) =>
    say(`${describeBlow(blow)}   (${seen.settled} of ${seen.total} ended)`),
  );
  const calmAt = performance.now();
  await until(() => seen.ended, { what: "the batch to end", timeoutMs: options.calmWithinMs, everyMs: 50 }).catch(
    async (error: unknown) => {
      const record = await engine.ledger.read(batchId);
      find(`${String(error)} ${JSON.stringify(record?.counts)} ${record?.state}`);
    },
  );
  const endedAt = performance.now();
  say(`the batch ended ${Math.round(endedAt - calmAt)} ms after the last blow`);
  await until(() => engine.twin.stats().running === 0, { what: "the provider to rest", timeoutMs: 30_000 });

  const spec = (await engine.ledger.read(batchId))?.spec;
  const lines = seen.ended ? await engine.report(batchId) : [];
  const indexes = new Set(lines.map(({ index }) => index));
  if (lines.length !== portraits || indexes.size !== portraits) {
    find(`the report has ${lines.length} lines of ${indexes.size} portraits, and not ${portraits}`);
  }
  const ledger = engine.twin.ledger();
  const books = checkBooks(lines, ledger, steps.length, options.forgetful);
  books.findings.forEach(find);
  if (spec !== undefined) {
    const source = direct.open(`${engine.root}in/`);
    (await checkDeliveries(spec, lines, source, direct.open(`${engine.root}out/`))).forEach(find);
  }
  (await checkRemains(engine, batchId)).forEach(find);
  await watcher.stop();
  crew.accidents.forEach(find);
  (await crew.dismiss(STOP_WITHIN_MS)).forEach(find);
  if (findings.length === 0) await rm(logDir, { recursive: true });
  else say(`the logs of the processes are in ${logDir}`);

  return {
    blows: Object.fromEntries(
      Object.entries(Object.groupBy(blows, ({ kind }) => kind)).map(([kind, of]) => [kind, of.length]),
    ),
    storeFaults: proxy.faults,
    processes: crew.started,
    watch: seen,
    books,
    lines: lines.length,
    providerFaults: Object.values(ledger.calls)
      .flat()
      .filter(({ fault }) => fault !== null).length,
    blowsMs: Math.round(calmAt - startedAt),
    calmMs: Math.round(endedAt - calmAt),
    findings,
  };
}
