import { setTimeout as sleep } from "node:timers/promises";
import { settledCount } from "@darkroom/core";
import { workerOfToken } from "@darkroom/ledger";
import type { LedgerSnapshot, TwinStats } from "@darkroom/twin";
import { SETTINGS } from "@darkroom/config";
import { atMost, defineBenchmark, type Figure } from "../benchmark.ts";
import { onStage, type Stage } from "../stage.ts";
import { until } from "../until.ts";

const LOCK_MS = Number(SETTINGS.DARKROOM_LOCK_MS.default);
const OPEN_TIMEOUT_MS = 120_000;
const TAKE_OVER_TIMEOUT_MS = 120_000;
const SETTLE_TIMEOUT_MS = 300_000;
const LOOK_EVERY_MS = 100;

export const crash = defineBenchmark({
  name: "crash",
  title: "a worker killed with its streams open, and a Redis frozen for longer than a lock",
  sizes: { killed: 500, frozen: 200, latencyMs: 60_000, freezeMs: LOCK_MS + 10_000, lockMs: LOCK_MS },
  tinySizes: { killed: 5, frozen: 5, latencyMs: 1_500, freezeMs: 500, lockMs: 1_000 },
  async run({ killed, frozen, latencyMs, freezeMs, lockMs }, say) {
    const env = { DARKROOM_LOCK_MS: String(lockMs) };
    const figures = [
      ...(await killWorker(killed, latencyMs, env, say)),
      ...(await freezeRedis(frozen, latencyMs, freezeMs, env, say)),
    ];
    return {
      figures,
      notes: [
        `Locks of ${lockMs / 1_000} s${lockMs === LOCK_MS ? ", the product's default" : ""}; ${latencyMs / 1_000} s a call (where Redis is frozen, a quarter of that to all of it, so that some calls end meanwhile). Lost: did not succeed in the end. Paid twice: according to the provider's records.`,
        `Redis was frozen for ${freezeMs / 1_000} s.`,
      ],
    };
  },
});

async function killWorker(
  portraits: number,
  latencyMs: number,
  env: Readonly<Record<string, string>>,
  say: (line: string) => void,
): Promise<readonly Figure[]> {
  return await onStage({ provider: "twin", concurrency: portraits, latencyMs, env }, async (stage) => {
    await stage.addPhotos(portraits);
    const victim = await stage.startWorker();
    await stage.startProducer();
    const batch = await stage.submit({ source: `${stage.root}in/` });
    await untilOpen(stage, portraits);
    await stage.startWorker();
    const before = await stage.ledger.claimTokens(batch);
    const dead = new Set([...before.values()].map(workerOfToken));
    say(`killing a worker with ${before.size} portraits in its hands`);
    const killedAt = performance.now();
    victim.kill("SIGKILL");
    const left = new Set(before.keys());
    await until(
      async () => {
        const claims = await stage.ledger.claimTokens(batch);
        for (const index of left) {
          const token = claims.get(index);
          // Without a claim, only the other worker can have processed the portrait, because only it could have released
          // it.
          if (token === undefined || !dead.has(workerOfToken(token))) left.delete(index);
        }
        return left.size === 0 ? true : undefined;
      },
      { what: "the other worker to take them all", timeoutMs: TAKE_OVER_TIMEOUT_MS, everyMs: LOOK_EVERY_MS },
    );
    const seconds = (performance.now() - killedAt) / 1_000;
    say(`all run again after ${seconds.toFixed(1)} s; waiting for their end`);
    return [
      { name: `${before.size} streams, worker killed: all run again`, value: seconds, unit: "s", target: atMost(45) },
      ...(await lostAndPaidTwice(stage, batch, portraits, "worker killed")),
    ];
  });
}

async function freezeRedis(
  portraits: number,
  latencyMs: number,
  freezeMs: number,
  env: Readonly<Record<string, string>>,
  say: (line: string) => void,
): Promise<readonly Figure[]> {
  // Some calls end while Redis does not respond.
  const leastLatencyMs = Math.round(latencyMs / 4);
  return await onStage({ provider: "twin", concurrency: portraits, latencyMs, leastLatencyMs, env }, async (stage) => {
    await stage.addPhotos(portraits);
    await stage.startWorker();
    await stage.startWorker();
    await stage.startProducer();
    const batch = await stage.submit({ source: `${stage.root}in/` });
    await untilOpen(stage, portraits);
    say(`freezing Redis for ${freezeMs} ms with ${portraits} streams open`);
    process.kill(stage.redis.pid, "SIGSTOP");
    try {
      await sleep(freezeMs);
    } finally {
      process.kill(stage.redis.pid, "SIGCONT");
    }
    return await lostAndPaidTwice(stage, batch, portraits, "Redis frozen");
  });
}

async function untilOpen(stage: Stage, portraits: number): Promise<void> {
  await until(async () => ((await askTwin<TwinStats>(stage, "stats")).openStreams >= portraits ? true : undefined), {
    what: `${portraits} open streams`,
    timeoutMs: OPEN_TIMEOUT_MS,
    everyMs: LOOK_EVERY_MS,
  });
}

async function lostAndPaidTwice(
  stage: Stage,
  batch: string,
  portraits: number,
  what: string,
): Promise<readonly Figure[]> {
  // A portrait that never ends also counts as lost, so the state at the timeout is used.
  const { counts } = await stage.untilSettled(batch, SETTLE_TIMEOUT_MS).catch(() => stage.readBatch(batch));
  const books = await askTwin<LedgerSnapshot>(stage, "ledger");
  const twiceBy = (what: "session" | "portrait"): number => books.doubleBilled.filter(({ by }) => by === what).length;
  return [
    { name: `${portraits} streams, ${what}: lost`, value: portraits - counts.succeeded, unit: "", target: atMost(0) },
    {
      name: `${portraits} streams, ${what}: paid twice`,
      value: Math.max(twiceBy("session"), twiceBy("portrait")),
      unit: "",
      target: atMost(0),
    },
    {
      name: `${portraits} streams, ${what}: without an end`,
      value: counts.total - settledCount(counts),
      unit: "",
      target: atMost(0),
    },
  ];
}

async function askTwin<T>(stage: Stage, what: "stats" | "ledger"): Promise<T> {
  const response = await fetch(`${stage.env["EACHLABS_BASE_URL"]}/_twin/${what}`);
  return (await response.json()) as T;
}
