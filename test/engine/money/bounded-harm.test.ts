import { once } from "node:events";
import { readFile } from "node:fs/promises";
import type { ChildProcess } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import * as fc from "fast-check";
import { expect, it, type TestContext } from "vitest";
import { batchKeys, mostPaidCalls } from "@darkroom/core";
import { startRedis, testS3, until } from "@darkroom/testkit";
import { seededRandom } from "../chaos/random.ts";
import { makeSuspects } from "../kit/deadly-portraits.ts";
import { readText, startEngine, type Engine, type ReportLine } from "../kit/engine.ts";
import { startHttpFront } from "@darkroom/testkit";
import { rememberDisk } from "../kit/remember-disk.ts";

/*
 * Workers, isolated processes, the producer and Redis (with its last second of writes) die at random, and a destination
 * or a source refuses, while the provider fails and forgets. The provider's bills must stay within a known bound, and
 * the batch's costs must add up.
 */

const CASES = Number(process.env["DARKROOM_TEST_HARM_CASES"] ?? 4);
const SEED = Number(process.env["DARKROOM_TEST_HARM_SEED"] ?? 1);
const PORTRAITS = 4;
const ATTEMPTS = 2;
const PRICE_USD = 0.1;
const PRICES = JSON.stringify({ "each-sense": { eco: PRICE_USD, max: PRICE_USD }, phota: { image: PRICE_USD } });

/** Redis loses the writes of this period. Like the moment of each failure, the period is part of the plan. */
const FORGOTTEN_MS = 700;

/** The object store's responses while it refuses. */
const REFUSALS = {
  denied: { status: 403, code: "AccessDenied", method: "PUT", of: "/out/" },
  full: { status: 507, code: "XMinioStorageFull", method: "PUT", of: "/out/" },
  busy: { status: 503, code: "SlowDown", method: "PUT", of: "/out/" },
  "source gone": { status: 404, code: "NoSuchKey", method: "GET", of: "/in/" },
} as const;

const harms = fc.record({
  kind: fc.constantFrom(
    ...(["worker dies", "worker dies", "worker dies", "process alone dies", "producer dies"] as const),
    ...(["denied", "full", "busy", "source gone"] as const),
  ),
  /** Delay after a call is in flight. */
  afterMs: fc.nat(400),
  /** Share of the writes or reads that are refused. */
  share: fc.constantFrom(0.3, 0.7, 1),
  lastsMs: fc.integer({ min: 300, max: 2_000 }),
});

type Harm = ReturnType<typeof planOf>["harms"][number];

const plans = fc.record({
  harms: fc.array(harms, { minLength: 4, maxLength: 6 }),
  /** Number of portraits that run isolated from their first call on. */
  suspects: fc.nat(2),
  responseMode: fc.constantFrom("urls", "bytes"),
});

function planOf(place: number) {
  const [plan] = fc.sample(plans, { numRuns: 1, seed: SEED * 1_000 + place });
  if (plan === undefined) throw new Error("no plan");
  // The first four cases differ in kind, for any seed.
  const provider = place % 2 === 0 ? "each-sense" : "phota";
  return { ...plan, provider, redisForgets: place % 4 >= 2 } as const;
}

/** Starts an S3 server for the worker that refuses some requests on demand. */
async function startRefusing(random: () => number) {
  let rule: { readonly refusal: (typeof REFUSALS)[keyof typeof REFUSALS]; readonly share: number } | undefined;
  const front = await startHttpFront(testS3().endpoint, {
    answers: ({ method, url = "" }, response) => {
      const isMeant = rule !== undefined && method === rule.refusal.method && url.includes(rule.refusal.of);
      if (rule === undefined || !isMeant || random() > rule.share) return false;
      const { status, code } = rule.refusal;
      response.writeHead(status, { "content-type": "application/xml" });
      response.end(`<Error><Code>${code}</Code><Message>refused by this test</Message></Error>`);
      return true;
    },
  });
  return { ...front, refuse: (next: typeof rule) => void (rule = next) };
}

async function killed(child: ChildProcess): Promise<void> {
  const gone = once(child, "exit");
  child.kill("SIGKILL");
  await gone;
}

/** The process may have ended by itself in the meantime. */
function endProcess(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}

/**
 * Returns a process that the worker has started for a portrait; undefined if there is no such process, or the system
 * does not report it.
 */
async function childOf({ pid = 0 }: ChildProcess): Promise<number | undefined> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8").catch(() => "");
  return text.trim() === "" ? undefined : Number(text.trim().split(" ")[0]);
}

async function runPlan(plan: ReturnType<typeof planOf>, { onTestFinished }: TestContext) {
  const redis = await startRedis();
  const store = await startRefusing(seededRandom(`harm ${SEED}`));
  const engine = await startEngine({
    redisUrl: redis.url,
    workers: 0,
    producer: false,
    phota: true,
    store: "s3",
    twin: {
      latencyMs: [500, 1_500],
      randomFaults: { rate: 0.3, kinds: ["http", "reset", "reset_after_accept", "memory_lost", "cut_after_events"] },
      seed: `harm ${SEED}`,
    },
    env: {
      DARKROOM_ATTEMPTS: String(ATTEMPTS),
      DARKROOM_LANE_CONCURRENCY: "8",
      DARKROOM_LOCK_MS: "1000",
      DARKROOM_DEADLINE_MS: "5000",
      DARKROOM_BREAKER: "false",
      DARKROOM_PROBE_MS: "200",
      DARKROOM_PRICES: PRICES,
      PHOTA_RESPONSE_MODE: plan.responseMode,
    },
  });
  onTestFinished(async () => {
    await engine.close();
    await store.close();
    await redis.close();
  });
  const photos = await engine.addPhotos(PORTRAITS);
  const startWorker = (): Promise<ChildProcess> => engine.spawnWorker({ AWS_ENDPOINT_URL_S3: store.url });
  let [worker, producer] = await Promise.all([startWorker(), engine.spawnProducer()]);
  const { provider } = plan;
  const batch = await engine.submit({ recipe: { provider, preset: "professional-polish", mode: "eco" } });
  await makeSuspects(engine, batch, plan.suspects);
  /** Waits until a call is in flight, so that each failure hits one. An ended batch makes no calls. */
  const untilCalled = async (): Promise<void> => {
    const isOver = async (): Promise<boolean> => (await engine.ledger.read(batch))?.endedAt !== undefined;
    const called = async (): Promise<boolean> => engine.twin.stats().running > 0 || (await isOver());
    await until(called, { what: "a call", timeoutMs: 60_000 });
  };
  const happen = async ({ kind, share, lastsMs }: Harm): Promise<void> => {
    switch (kind) {
      case "worker dies":
        await killed(worker);
        worker = await startWorker();
        return;
      case "producer dies":
        await killed(producer);
        producer = await engine.spawnProducer();
        return;
      case "process alone dies": {
        const pid = await childOf(worker);
        if (pid !== undefined) endProcess(pid);
        return;
      }
      case "denied":
      case "full":
      case "busy":
      case "source gone":
        store.refuse({ refusal: REFUSALS[kind], share });
        await sleep(lastsMs);
        store.refuse(undefined);
    }
  };
  for (const [at, harm] of plan.harms.entries()) {
    await untilCalled();
    // The plan sets the moment within the call, so there is no condition to wait for.
    await sleep(harm.afterMs);
    const comeBack = plan.redisForgets && at === 1 ? await rememberDisk(redis, engine) : undefined;
    await Promise.all([happen(harm), ...(comeBack === undefined ? [] : [sleep(FORGOTTEN_MS).then(comeBack)])]);
  }
  const record = await engine.ended(batch, 150_000);
  await until(() => engine.twin.stats().running === 0, { what: "the provider to be done", timeoutMs: 30_000 });
  return { photos, record, bills: engine.twin.ledger().bills, lines: await linesOf(engine, batch) };
}

async function linesOf(engine: Engine, batch: string): Promise<readonly ReportLine[]> {
  const text = await readText(engine.results, batchKeys(batch).reportJsonl);
  return text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as ReportLine);
}

it.concurrent.for(Array.from({ length: CASES }, (_, place) => [place, JSON.stringify(planOf(place))] as const))(
  "whatever dies or refuses, bills stay within the attempts: case %i, %s",
  { timeout: 300_000 },
  async ([place], test) => {
    const plan = planOf(place);
    // Portraits that Redis forgets start over.
    const most = mostPaidCalls(ATTEMPTS, 1) * (plan.redisForgets ? 2 : 1);
    const { photos, record, bills, lines } = await runPlan(plan, test);
    for (const photo of photos) {
      const own = bills.filter(({ portrait }) => portrait.includes(photo)).length;
      expect(own, photo).toBeLessThanOrEqual(most);
    }
    expect(lines).toHaveLength(PORTRAITS);
    const [paidUsd, { costUsd, lostUsd, maybeUsd }] = [bills.length * PRICE_USD, record];
    expect(paidUsd).toBeGreaterThanOrEqual(costUsd + lostUsd - 1e-9);
    // A provider with a memory is believed when it does not know a call whose start was never seen.
    if (plan.provider === "phota") expect(paidUsd).toBeLessThanOrEqual(costUsd + lostUsd + maybeUsd + 1e-9);
  },
);
