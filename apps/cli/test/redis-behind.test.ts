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

  // What Redis has on its disk at this moment is what it comes back with.
  const [, folder = ""] = (await engine.redis.config("GET", "dir")) as string[];
  const [disk, before] = [join(folder, "appendonlydir"), join(folder, "before")];
  await cp(disk, before, { recursive: true });
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
  redis.kill("SIGKILL");
  await rm(disk, { recursive: true });
  await rename(before, disk);
  await redis.restart();

  const record = await engine.ended(cancelled, 30_000);
  expect(record).toMatchObject({ state: "cancelled", reason: "wrong folder" });
  expect(record.counts.cancelled).toBeGreaterThan(100);
  await until(async () => (await engine.ledger.read(paused))?.counts.running === 0, { what: "what runs to end" });
  expect(await engine.ledger.read(paused)).toMatchObject({ state: "paused", pausedBy: "person", reason: "lunch" });
  expect(await engine.ended(confirmed)).toMatchObject({ state: "completed" });
});
