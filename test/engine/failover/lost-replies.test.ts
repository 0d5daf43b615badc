import type { Socket } from "node:net";
import { afterEach, expect, it } from "vitest";
import { startApi } from "@darkroom/api";
import { readEngineSettings } from "@darkroom/config";
import { Schedules, type Schedule } from "@darkroom/ledger";
import { createLogger, createMetrics } from "@darkroom/runtime";
import { testNamespace, testRedisUrl, until } from "@darkroom/testkit";
import { startEngine, type Engine } from "../kit/engine.ts";
import { startRedisFront } from "../kit/redis-front.ts";

let engine: Engine;
let redis: Awaited<ReturnType<typeof startLossyRedis>>;
afterEach(async () => {
  await engine.close();
  await redis.close();
});

/**
 * Forwards commands to the real Redis. The first one that matches `lost` is executed, but its reply never arrives. With
 * `staysAway`, no further command is forwarded until `comeBack`.
 */
async function startLossyRedis(lost: RegExp, staysAway = false) {
  let loser: Socket | undefined;
  let isAway = false;
  const clients = new Set<Socket>();
  const front = await startRedisFront(testRedisUrl(), {
    onCommands: (chunk, { client }) => {
      clients.add(client);
      if (isAway && client !== loser) {
        client.destroy();
        return false;
      }
      if (loser === undefined && lost.test(chunk.toString("latin1"))) {
        loser = client;
        isAway = staysAway;
        if (isAway) for (const other of clients) if (other !== client) other.destroy();
      }
      return true;
    },
    // Redis' next reply follows the command, so the command has been executed.
    answers: ({ client }) => {
      if (client !== loser) return true;
      client.destroy();
      return false;
    },
  });
  return { ...front, hasCut: () => loser?.destroyed === true, comeBack: () => void (isAway = false) };
}

/** Matches "leave the portrait retrying (3), with this receipt", by the script's hash. */
const LEAVE_RETRYING = /\r\nevalsha\r\n[^]*\$1\r\n3\r\n\$\d+\r\n\{"session"/;

it("a portrait keeps its job when the reply to its snooze is lost", { timeout: 90_000 }, async () => {
  redis = await startLossyRedis(LEAVE_RETRYING);
  engine = await startEngine({ workers: 0, twin: { faults: [{ match: { call: 1 }, fault: "http" }] } });
  await engine.addPhotos(1);
  // From now on Redis knows the script, so that only its hash is sent.
  await engine.ledger.claims.leave("nobody's", 0, "token", {
    state: "retrying",
    wait: { reason: "provider_retry", delayMs: 1 },
  });
  await engine.spawnWorker({ REDIS_URL: redis.url });
  const record = await engine.ended(await engine.submit());
  expect(redis.hasCut()).toBe(true);
  expect(record.counts).toMatchObject({ total: 1, succeeded: 1 });
  // The sweep for orphaned jobs would increment the epoch, but runs only after half a minute.
  expect(record.epoch).toBe(0);
});

/** Matches "begin this round", by the script's hash. */
const BEGIN_ROUND = /\r\nevalsha\r\n[^]*"codes":\["no_output"\]/;

it("a retry whose reply is lost until its round is over starts one round", { timeout: 90_000 }, async () => {
  redis = await startLossyRedis(BEGIN_ROUND, true);
  const fails = (call: number) => ({ match: { portrait: "p00000", call }, fault: "no_output" as const });
  engine = await startEngine({ twin: { faults: [fails(1), fails(2)] } });
  const parts = { log: createLogger({ level: "silent", name: "test" }), metrics: createMetrics() };
  const api = await startApi(readEngineSettings({ ...engine.env, REDIS_URL: redis.url }), parts);
  try {
    await engine.addPhotos(2);
    const id = await engine.submit({
      recipe: { preset: "professional-polish", mode: "eco", retry: { attempts: 1 } },
    });
    const { spec } = await engine.ended(id);
    // From now on Redis knows the script, so that only its hash is sent.
    const begun = engine.ledger.control.beginRound("nobody's", { at: 1, codes: ["timeout"], recipe: spec.recipe });
    await expect(begun).rejects.toMatchObject({ code: "not_found" });
    const headers = { "content-type": "application/json" };
    const body = JSON.stringify({ codes: ["no_output"] });
    const answer = fetch(`${api.url}/v1/batches/${id}/retry`, { method: "POST", headers, body });
    await until(async () => (await engine.ledger.read(id))?.round === 1, { what: "the round" });
    expect((await engine.ended(id)).counts).toMatchObject({ succeeded: 1, failed: 1 });
    expect(redis.hasCut()).toBe(true);
    redis.comeBack();
    expect((await answer).status).toBe(200);
    const record = await engine.ledger.read(id);
    expect(record?.rounds).toHaveLength(1);
    expect(record?.state).toBe("completed_with_failures");
    expect(Object.values(engine.twin.ledger().calls).flat()).toHaveLength(3);
  } finally {
    await api.close();
  }
});

/** Matches "claim the schedule's next occurrence", by the script's hash. */
const CLAIM_RUN = /\r\nevalsha\r\n[^]*"claim":\{"batchId"/;

it("an occurrence whose claim succeeded without a reply creates its batch", { timeout: 90_000 }, async () => {
  redis = await startLossyRedis(CLAIM_RUN);
  engine = await startEngine({ producer: false });
  await engine.addPhotos(1);
  // Due at the beginning of this year.
  const createdAt = `${new Date().getUTCFullYear() - 1}-12-01T00:00:00.000Z`;
  const recipe = { preset: "professional-polish" as const, mode: "eco" as const };
  const submission = { source: `${engine.root}in/`, destination: `${engine.root}out/`, recipe };
  const nightly: Schedule = {
    id: "nightly",
    cron: "0 2 1 1 *",
    timeZone: "UTC",
    createdAt,
    submission,
    missed: "once",
  };
  // From now on Redis knows the script, so that only its hash is sent.
  const elsewhere = new Schedules(engine.redis, testNamespace());
  await elsewhere.create(nightly);
  await elsewhere.claimRun(nightly, { batchId: "another", at: 1, dueMs: 1, covers: 1 });

  const schedules = new Schedules(engine.redis, engine.settings.redis.namespace);
  await schedules.create(nightly);
  await engine.spawnProducer({ REDIS_URL: redis.url });
  await until(async () => (await schedules.read("nightly"))?.lastRun !== undefined, { what: "the run" });
  expect(redis.hasCut()).toBe(true);
  const { lastRun } = (await schedules.read("nightly")) ?? {};
  expect(lastRun).toMatchObject({ outcome: "started" });
  expect((await engine.ended(lastRun?.batchId ?? "")).counts).toMatchObject({ total: 1, succeeded: 1 });
});

/** Matches "take this key for a submission", by the script's hash. */
const TAKE_KEY = /\r\nevalsha\r\n[^]*:idempotency:[^]*"kind":"pending"/;

it("a submission whose key was taken without a reply is accepted", { timeout: 60_000 }, async () => {
  redis = await startLossyRedis(TAKE_KEY);
  engine = await startEngine({ workers: 0, producer: false });
  await engine.addPhotos(1);
  const parts = { log: createLogger({ level: "silent", name: "test" }), metrics: createMetrics() };
  const api = await startApi(readEngineSettings({ ...engine.env, REDIS_URL: redis.url }), parts);
  try {
    const send = (url: string, key: string) =>
      fetch(`${url}/v1/batches`, {
        method: "POST",
        headers: { "content-type": "application/json", "idempotency-key": key },
        body: JSON.stringify({
          source: `${engine.root}in/`,
          destination: `${engine.root}out/`,
          recipe: { preset: "professional-polish", mode: "eco" },
        }),
      });
    // From now on Redis knows the script, so that only its hash is sent.
    expect((await send(engine.api.url, "another")).status).toBe(201);
    expect((await send(api.url, "an order")).status).toBe(201);
    expect(redis.hasCut()).toBe(true);
  } finally {
    await api.close();
  }
});
