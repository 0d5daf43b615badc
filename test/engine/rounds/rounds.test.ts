import { once } from "node:events";
import { afterEach, describe, expect, it } from "vitest";
import { type BatchStatus, EMPTY_RECEIPT } from "@darkroom/core";
import { startRedis, testRedisUrl, until } from "@darkroom/testkit";
import { startEngine, type Engine } from "../kit/engine.ts";
import { postTo } from "../kit/post-to.ts";
import { startHoldingRedis } from "../kit/holding-redis.ts";
import { settling } from "../kit/kill-at.ts";

const PRICES = { DARKROOM_PRICES: '{"each-sense":{"eco":0.02,"max":0.2}}' };

let engine: Engine;
const stops: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await engine.close();
  for (const stop of stops.splice(0).reverse()) await stop();
});

const retry = (id: string, body: unknown): Promise<BatchStatus> =>
  postTo<BatchStatus>(engine, `/batches/${id}/retry`, body);

/** Returns the number of pictures billed in each mode. */
function billedByMode(): Readonly<Record<string, number>> {
  const bills = Map.groupBy(engine.twin.ledger().bills, ({ mode }) => mode);
  return Object.fromEntries([...bills].map(([mode, all]) => [mode, all.length]));
}

const failed = (id: string, count: number): Promise<unknown> =>
  until(async () => (await engine.ledger.read(id))?.counts.failed === count, { what: `${count} to fail` });

/** Empties Redis once the store has the batch's round, and rebuilds the batch. */
async function burn(id: string): Promise<void> {
  await until(
    async () => {
      const record = await engine.ledger.read(id);
      return record?.reopening === undefined && record?.storedRevision === record?.revision;
    },
    { what: "the round to be open, and known to the store" },
  );
  await until(() => engine.twin.stats().openStreams > 0, { what: "a call to be under way" });
  await engine.redis.flushall();
  await until(() => engine.twin.stats().openStreams === 0, { what: "the streams to end", timeoutMs: 30_000 });
  await postTo(engine, "/recoveries", { destination: `${engine.root}out/` });
}

async function ownRedis(): Promise<string> {
  const redis = await startRedis();
  stops.push(() => redis.close());
  return redis.url;
}

describe("a retry with a changed recipe", () => {
  it("changes nothing for portraits of a running batch that it does not open", async () => {
    engine = await startEngine({
      twin: { latencyMs: 200, faults: [{ match: { portrait: "p00000" }, fault: "no_face" }] },
      env: { DARKROOM_LANE_CONCURRENCY: "2", ...PRICES },
    });
    await engine.addPhotos(20);
    const id = await engine.submit();
    await failed(id, 1);
    engine.twin.faults.clear();
    const begun = await retry(id, { codes: ["no_face"], recipe: { mode: "max" } });
    expect(begun.counts.pending).toBeGreaterThan(5);
    const record = await engine.ended(id);
    expect(record.rounds).toMatchObject([{ number: 1, opened: 1 }]);
    expect(billedByMode()).toEqual({ eco: 19, max: 1 });
    expect(record.costUsd).toBeCloseTo(19 * 0.02 + 0.2);
    const lines = await engine.report(id);
    expect(lines.filter(({ round }) => round === 1).map(({ index }) => index)).toEqual([0]);
    // Portraits of the first round that ended while the second one ran need no retry.
    expect(lines.every(({ outcome }) => outcome === "ok")).toBe(true);
  });

  it(
    "applies to all that a cancelled batch never started, even after Redis was lost",
    { timeout: 120_000 },
    async () => {
      engine = await startEngine({
        redisUrl: await ownRedis(),
        twin: { latencyMs: 500 },
        env: { DARKROOM_LANE_CONCURRENCY: "2", ...PRICES },
      });
      await engine.addPhotos(20);
      const id = await engine.submit();
      await engine.settledAtLeast(id, 2);
      await postTo(engine, `/batches/${id}/cancel`, { reason: "too cheap" });
      const { succeeded } = (await engine.ended(id)).counts;
      await retry(id, { recipe: { mode: "max" } });
      await burn(id);
      const record = await engine.ended(id, 90_000);
      expect(record.counts.succeeded).toBe(20);
      expect(billedByMode()["max"]).toBe(20 - succeeded);
      const lines = await engine.report(id);
      expect(lines.filter(({ round }) => round === 1)).toHaveLength(20 - succeeded);
    },
  );

  it(
    "keeps its recipe after Redis was lost, and what was in flight is not paid twice",
    { timeout: 120_000 },
    async () => {
      engine = await startEngine({
        redisUrl: await ownRedis(),
        twin: { latencyMs: 700, faults: [{ match: { portrait: "p00000" }, fault: "no_face" }] },
        env: { DARKROOM_LANE_CONCURRENCY: "2", ...PRICES },
      });
      await engine.addPhotos(20);
      const id = await engine.submit();
      await failed(id, 1);
      engine.twin.faults.clear();
      await retry(id, { codes: ["no_face"], recipe: { mode: "max" } });
      await burn(id);
      expect(await engine.ledger.read(id)).toMatchObject({ state: "running", round: 1, rounds: [{ opened: 1 }] });
      const record = await engine.ended(id, 90_000);
      expect(record.counts.succeeded).toBe(20);
      expect(billedByMode()).toEqual({ eco: 19, max: 1 });
      expect(engine.twin.ledger().doubleBilled).toEqual([]);
      expect((await engine.report(id)).filter(({ round }) => round === 1).map(({ index }) => index)).toEqual([0]);
    },
  );
});

describe("an answer", () => {
  it("also applies to portraits that start later, with the recipe that they had", async () => {
    const fault = { kind: "ask" as const, question: "Which look?", untilAnswered: true };
    engine = await startEngine({
      twin: { latencyMs: 200, faults: [{ match: { call: "every" }, fault }] },
      env: { DARKROOM_LANE_CONCURRENCY: "1", DARKROOM_BREAKER: "false", ...PRICES },
    });
    await engine.addPhotos(15);
    const id = await engine.submit();
    await engine.settledAtLeast(id, 1);
    const { counts } = await postTo<BatchStatus>(engine, `/batches/${id}/answer`, { answer: "Natural." });
    expect(counts.pending + counts.queued).toBeGreaterThan(5);
    await engine.ended(id);
    const lines = await engine.report(id);
    expect(lines.some(({ outcome, round }) => outcome === "ok" && round === 1)).toBe(true);
    // A portrait that was in flight when the answer came ended with its question.
    const later = lines.filter(({ round }) => round === 0);
    expect(later.filter(({ outcome }) => outcome === "ok").length).toBeGreaterThan(5);
    expect(billedByMode()["max"]).toBeUndefined();
  });
});

describe("an answer after a retry with a changed recipe", () => {
  const EACH = ["p00000", "p00001", "p00002"];
  const NATURAL = { answer: "Natural." };
  const LOOK = { kind: "ask" as const, question: "Which look?", untilAnswered: true };

  /**
   * Returns an ended batch of six in `eco`: these portraits have questions, and p00005, which failed, has been retried
   * in `max`.
   */
  async function retriedAt(asking: readonly string[], retried?: typeof LOOK, redisUrl?: string): Promise<string> {
    const ask = asking.map((portrait) => ({ match: { portrait }, fault: LOOK }));
    engine = await startEngine({
      ...(redisUrl === undefined ? {} : { redisUrl }),
      twin: {
        latencyMs: redisUrl === undefined ? 20 : 700,
        faults: [...ask, { match: { portrait: "p00005" }, fault: "no_face" }],
      },
      env: { DARKROOM_LANE_CONCURRENCY: "4", DARKROOM_BREAKER: "false", ...PRICES },
    });
    await engine.addPhotos(6);
    const id = await engine.submit();
    expect((await engine.ended(id)).failures).toEqual({ needs_clarification: asking.length, no_face: 1 });
    engine.twin.faults.clear();
    for (const rule of ask) engine.twin.faults.add(rule);
    if (retried !== undefined) engine.twin.faults.add({ match: { portrait: "p00005" }, fault: retried });
    await retry(id, { codes: ["no_face"], recipe: { mode: "max" } });
    await engine.ended(id);
    return id;
  }

  it("opens portraits with the recipe that they had", { timeout: 60_000 }, async () => {
    const id = await retriedAt(EACH);
    await postTo(engine, `/batches/${id}/answer`, NATURAL);
    const record = await engine.ended(id);
    expect(record.counts.succeeded).toBe(6);
    expect(billedByMode()).toEqual({ eco: 5, max: 1 });
    expect(record.rounds.map(({ opened }) => opened)).toEqual([1, 3]);
    expect(record.costUsd).toBeCloseTo(5 * 0.02 + 0.2);
  });

  it("opens portraits of several recipes at once, each with its own", { timeout: 60_000 }, async () => {
    const id = await retriedAt(EACH, LOOK);
    await postTo(engine, `/batches/${id}/answer`, { ...NATURAL, question: "which look" });
    const record = await engine.ended(id);
    expect(record.counts.succeeded).toBe(6);
    expect(billedByMode()).toEqual({ eco: 5, max: 1 });
    expect(record.rounds.map(({ opened }) => opened)).toEqual([1, 3, 1]);
    const rounds = new Map((await engine.report(id)).map(({ index, round }) => [index, round]));
    expect(EACH.map((_, index) => rounds.get(index))).toEqual([2, 2, 2]);
    expect(rounds.get(5)).toBe(3);
  });

  it("keeps each portrait's recipe even after Redis was lost", { timeout: 120_000 }, async () => {
    const id = await retriedAt(EACH, LOOK, await ownRedis());
    await postTo(engine, `/batches/${id}/answer`, NATURAL);
    await burn(id);
    const record = await engine.ended(id, 90_000);
    expect(record.counts.succeeded).toBe(6);
    expect(record.rounds).toMatchObject([{ opened: 1 }, { ofRounds: [0], opened: 3 }, { ofRounds: [1], opened: 1 }]);
    expect(billedByMode()).toEqual({ eco: 5, max: 1 });
    expect(engine.twin.ledger().doubleBilled).toEqual([]);
  });
});

describe("a retry of a portrait that was cancelled after its picture was stored", () => {
  it("does not count its cost a second time", { timeout: 90_000 }, async () => {
    const redis = await startHoldingRedis(testRedisUrl(), { at: settling, carriedOut: false });
    stops.push(() => redis.close());
    engine = await startEngine({ workers: 0, env: { DARKROOM_LOCK_MS: "1000", ...PRICES } });
    // From now on Redis knows the script, so that it is sent once, by its hash.
    await engine.ledger.claims.writeReceipt("nobody's", 0, "token", EMPTY_RECEIPT);
    await engine.addPhotos(1);
    const worker = await engine.spawnWorker({ REDIS_URL: redis.url });
    const id = await engine.submit();
    await redis.held;
    const gone = once(worker, "exit");
    worker.kill("SIGKILL");
    await gone;
    expect(await engine.results.head("p00000.jpg")).toBeDefined();
    await postTo(engine, `/batches/${id}/cancel`, { reason: "wrong folder" });
    await engine.spawnWorker();
    expect(await engine.ended(id)).toMatchObject({ counts: { cancelled: 1 }, costUsd: 0, lostUsd: 0.02 });

    await retry(id, {});
    const record = await engine.ended(id);
    expect(record.counts).toMatchObject({ succeeded: 1, cancelled: 0 });
    expect(engine.twin.ledger().billed).toBe(1);
    expect(record).toMatchObject({ costUsd: 0, lostUsd: 0.02, maybeUsd: 0 });
    expect(await engine.report(id)).toMatchObject([{ outcome: "ok", billed: "no", costUsd: 0, round: 1 }]);
  });
});
