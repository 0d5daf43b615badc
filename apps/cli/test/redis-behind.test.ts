import { cp, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { batchKeys } from "@darkroom/core";
import { startRedis, until, type PrivateRedis } from "@darkroom/testkit";
import { readText, startEngine, type Engine } from "./engine.ts";
import { postTo } from "./post-to.ts";

let engine: Engine;
let redis: PrivateRedis | undefined;
afterEach(async () => {
  await engine.close();
  await redis?.close();
  redis = undefined;
});

/** @returns brings Redis back with what it has on its disk now */
async function remember(own: PrivateRedis): Promise<() => Promise<void>> {
  const [, folder = ""] = (await engine.redis.config("GET", "dir")) as string[];
  const [disk, before] = [join(folder, "appendonlydir"), join(folder, "before")];
  await cp(disk, before, { recursive: true });
  return async () => {
    own.kill("SIGKILL");
    await rm(disk, { recursive: true });
    await rename(before, disk);
    await own.restart();
  };
}

async function isIn(key: string, text: string): Promise<boolean> {
  return (await readText(engine.results, key).catch(() => "")).includes(text);
}

it("keeps to what people decided when Redis comes back without its last seconds", async () => {
  redis = await startRedis();
  engine = await startEngine({
    redisUrl: redis.url,
    twin: { latencyMs: 400 },
    env: { DARKROOM_LANE_CONCURRENCY: "4" },
  });
  await engine.addPhotos(200);
  const [cancelled, paused, confirmed] = await Promise.all([
    engine.submit(),
    engine.submit({ destination: `${engine.root}out/b/` }),
    engine.submit({ destination: `${engine.root}out/c/`, include: ["p0000[12]*"], confirm: true }),
  ]);
  await engine.settledAtLeast(cancelled, 2);
  await engine.settledAtLeast(paused, 2);
  const stateOf = async (id: string) => (await engine.ledger.read(id))?.state;
  await until(async () => (await stateOf(confirmed)) === "awaiting_confirmation", { what: "the question" });

  const comeBack = await remember(redis);
  await postTo(engine, `/batches/${cancelled}/cancel`, { reason: "wrong folder" });
  await postTo(engine, `/batches/${paused}/pause`, { reason: "lunch" });
  await postTo(engine, `/batches/${confirmed}/confirm`, {});
  await until(
    async () =>
      (await isIn(batchKeys(cancelled).control, `"reason": "wrong folder"`)) &&
      (await isIn(`b/${batchKeys(paused).control}`, `"reason": "lunch"`)) &&
      (await isIn(`c/${batchKeys(confirmed).control}`, `"unconfirmed": false`)),
    { what: "the acts to be noted in the store" },
  );
  await comeBack();

  const record = await engine.ended(cancelled, 30_000);
  expect(record).toMatchObject({ state: "cancelled", reason: "wrong folder" });
  expect(record.counts.cancelled).toBeGreaterThan(100);
  await until(async () => (await engine.ledger.read(paused))?.counts.running === 0, { what: "what runs to end" });
  expect(await engine.ledger.read(paused)).toMatchObject({ state: "paused", pausedBy: "person", reason: "lunch" });
  expect(await engine.ended(confirmed)).toMatchObject({ state: "completed" });
});

it("does not take what came of a forgotten retry for what came of the next one", { timeout: 120_000 }, async () => {
  redis = await startRedis();
  engine = await startEngine({
    redisUrl: redis.url,
    workers: 0,
    twin: { faults: [{ fault: "no_face" }] },
    env: { DARKROOM_IDLE_MS: "60000", DARKROOM_DEADLINE_MS: "90000" },
  });
  await engine.addPhotos(2);
  const id = await engine.submit();
  const worker = await engine.spawnWorker();
  await engine.ended(id);

  const comeBack = await remember(redis);
  // Of the first retry one picture is paid and not yet seen, and one portrait's failure is in the report.
  engine.twin.faults.clear();
  engine.twin.faults.add({ match: { portrait: "p00000" }, fault: "silence" }, { fault: "no_face" });
  await postTo(engine, `/batches/${id}/retry`, { recipe: { prompt: "Paint the background blue." } });
  await until(
    async () => {
      const { running, failed } = (await engine.ledger.read(id))?.counts ?? {};
      const isDrained = (await engine.ledger.undrainedOutcomes(id, 1)).length === 0;
      return running === 1 && failed === 1 && isDrained && engine.twin.ledger().bills.length === 1;
    },
    { what: "the first retry's picture and failure" },
  );
  worker.kill("SIGKILL");
  await comeBack();
  engine.twin.faults.clear();
  const retry = { recipe: { prompt: "Paint the background red." } };
  const begun = async (): Promise<boolean> =>
    await postTo(engine, `/batches/${id}/retry`, retry).then(
      () => true,
      () => false,
    );
  await until(begun, { what: "Redis to be there for a retry" });
  await engine.spawnWorker();

  const { counts, rounds } = await engine.ended(id);
  // The second one's pictures are others, and each is paid.
  const [, ...billed] = engine.twin.ledger().bills;
  expect(billed.map(({ portrait }) => portrait.slice(-10)).toSorted()).toEqual(["p00000.jpg", "p00001.jpg"]);
  expect(counts).toMatchObject({ total: 2, succeeded: 2 });
  expect(rounds.map(({ number, codes, opened }) => [number, codes.length > 0, opened])).toEqual([
    [1, false, 0],
    [2, true, 2],
  ]);
  expect((await engine.report(id)).map(({ outcome, round }) => [outcome, round])).toEqual([
    ["ok", 2],
    ["ok", 2],
  ]);
});

it(
  "pays for nothing again when the same retry is asked for that Redis has forgotten",
  { timeout: 120_000 },
  async () => {
    redis = await startRedis();
    engine = await startEngine({
      redisUrl: redis.url,
      workers: 0,
      twin: { faults: [{ fault: "no_face" }] },
      env: {
        DARKROOM_IDLE_MS: "60000",
        DARKROOM_DEADLINE_MS: "90000",
        DARKROOM_PRICES: '{"each-sense":{"eco":0.02,"max":0.02}}',
      },
    });
    await engine.addPhotos(2);
    const id = await engine.submit();
    const worker = await engine.spawnWorker();
    await engine.ended(id);

    const comeBack = await remember(redis);
    // Of the first retry one picture is paid and not yet seen, and the other is delivered.
    engine.twin.faults.clear();
    engine.twin.faults.add({ match: { portrait: "p00000" }, fault: "silence" });
    const retry = { recipe: { prompt: "Paint the background blue." } };
    await postTo(engine, `/batches/${id}/retry`, retry);
    await until(
      async () => {
        const { running, succeeded } = (await engine.ledger.read(id))?.counts ?? {};
        return running === 1 && succeeded === 1 && engine.twin.ledger().bills.length === 2;
      },
      { what: "the first retry's pictures" },
    );
    worker.kill("SIGKILL");
    await comeBack();
    engine.twin.faults.clear();
    const begun = async (): Promise<boolean> =>
      await postTo(engine, `/batches/${id}/retry`, retry).then(
        () => true,
        () => false,
      );
    await until(begun, { what: "Redis to be there for a retry" });
    await engine.spawnWorker();

    expect(await engine.ended(id)).toMatchObject({ counts: { total: 2, succeeded: 2 }, costUsd: 0.04 });
    expect(engine.twin.ledger().bills).toHaveLength(2);
    expect((await engine.report(id)).map(({ outcome, billed }) => [outcome, billed])).toEqual([
      ["ok", "yes"],
      ["ok", "yes"],
    ]);
  },
);
