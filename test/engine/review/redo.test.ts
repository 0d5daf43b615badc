import { buffer } from "node:stream/consumers";
import { afterEach, expect, it } from "vitest";
import { startRedis, until, type PrivateRedis } from "@darkroom/testkit";
import { startEngine, type Engine, type EngineOptions } from "../kit/engine.ts";
import { postTo } from "../kit/post-to.ts";

let engine: Engine;
let redis: PrivateRedis | undefined;
afterEach(async () => {
  await engine.close();
  await redis?.close();
  redis = undefined;
});

const PRICES = JSON.stringify({ "each-sense": { eco: 0.05, max: 0.2 } });
const NOTE = "warmer light, please";

interface Redone {
  readonly portraits: number;
  readonly costUsd: number | null;
}

async function ended(count: number, options: EngineOptions = {}, budget?: number): Promise<string> {
  engine = await startEngine({ ...options, env: { DARKROOM_PRICES: PRICES, ...options.env } });
  await engine.addPhotos(count);
  const id = await engine.submit(budget === undefined ? {} : { maxCostUsd: budget });
  await engine.ended(id);
  return id;
}

async function redo(id: string, indexes: readonly number[], more: object = {}): Promise<Redone> {
  return await postTo<Redone>(engine, `/batches/${id}/redo`, { note: NOTE, indexes, ...more });
}

/** Sends the requests that must be rejected. */
async function refused(id: string, body: object): Promise<{ readonly status: number; readonly text: string }> {
  const response = await fetch(`${engine.api.url}/v1/batches/${id}/redo`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ note: NOTE, ...body }),
  });
  return { status: response.status, text: await response.text() };
}

async function resultOf(key: string): Promise<string> {
  return (await buffer((await engine.results.get(key)).body)).toString("hex");
}

/** Waits until the round has ended, with this many portraits that succeeded. */
async function redone(id: string, round: number, succeeded: number): Promise<void> {
  await until(
    async () => {
      const record = await engine.ledger.read(id);
      return record?.round === round && record.state === "completed" && record.counts.succeeded === succeeded;
    },
    { what: `round ${round} to end`, timeoutMs: 60_000 },
  );
}

it("shows the price, then orders one result again with the note; its decision ends, the others remain", async () => {
  const id = await ended(3);
  await postTo(engine, `/batches/${id}/reviews`, { order: "approve", indexes: [0, 1, 2] });
  const { billed } = engine.twin.ledger();
  expect(await redo(id, [1, 2], { dryRun: true })).toMatchObject({ portraits: 2, costUsd: 0.1 });
  expect((await engine.ledger.read(id))?.review.revision).toBe(1);
  expect(await redo(id, [1])).toMatchObject({ portraits: 1, costUsd: 0.05 });
  await redone(id, 1, 3);
  expect(engine.twin.ledger().billed).toBe(billed + 1);
  const heads = await Promise.all([0, 1, 2].map((index) => engine.results.head(`p0000${index}.jpg`)));
  expect(heads.map((head) => head?.metadata["darkroom-round"])).toEqual([undefined, "1", undefined]);
  const record = await engine.ledger.read(id);
  expect(record?.review).toEqual({ revision: 2, approved: 2, rejected: 0 });
  expect(record?.costUsd).toBeCloseTo(0.2);
  expect(record?.rounds[0]?.recipe.redo).toEqual({ note: NOTE, times: 1 });
  const portrait = await fetch(`${engine.api.url}/v1/batches/${id}/portraits/1`);
  expect(await portrait.json()).toMatchObject({ state: "succeeded", review: { state: "undecided", line: 2 } });

  await redo(id, [1]);
  await redone(id, 2, 3);
  expect(engine.twin.ledger().billed).toBe(billed + 2);
  expect((await engine.report(id)).map(({ outcome }) => outcome)).toEqual(["ok", "ok", "ok"]);
});

it("rejects an order that exceeds the budget, or has no result, before anything is paid", async () => {
  const id = await ended(3, { twin: { faults: [{ match: { portrait: "p00002" }, fault: "no_face" }] } }, 0.2);
  const { billed } = engine.twin.ledger();
  expect(await refused(id, { indexes: [0, 1, 0] })).toMatchObject({ status: 200 });
  await redone2(id);
  expect(engine.twin.ledger().billed).toBe(billed + 2);
  const tooMuch = await refused(id, { indexes: [0] });
  expect(tooMuch.status).toBe(409);
  expect(tooMuch.text).toContain("the batch's budget is 0.2 USD");
  expect(await refused(id, { indexes: [2] })).toMatchObject({ status: 409 });
  expect(await refused(id, { indexes: [0], note: " " })).toMatchObject({ status: 400 });
  expect(engine.twin.ledger().billed).toBe(billed + 2);
});

async function redone2(id: string): Promise<void> {
  await until(async () => (await engine.ledger.read(id))?.counts.succeeded === 2, { what: "both results" });
  await until(async () => (await engine.ledger.read(id))?.state === "completed_with_failures", { what: "the end" });
}

it("an order that cannot be carried out leaves the decision as it is", async () => {
  engine = await startEngine({ env: { DARKROOM_PRICES: PRICES } });
  await engine.addPhotos(4);
  const id = await engine.submit({ pilot: 1 });
  await until(async () => (await engine.ledger.read(id))?.state === "awaiting_approval", { what: "the pilot's end" });
  const [done = 0] = await engine.ledger.indexesIn(id, 0, 4, ["succeeded"]);
  await postTo(engine, `/batches/${id}/reviews`, { order: "approve", indexes: [done] });
  expect(await refused(id, { indexes: [done] })).toMatchObject({ status: 409 });
  expect((await engine.ledger.read(id))?.review).toEqual({ revision: 1, approved: 1, rejected: 0 });
});

it("keeps the earlier result if the new one fails, and a retry restores it without paying", async () => {
  const id = await ended(1, { twin: { faults: [{ match: { portrait: "p00000", call: 2 }, fault: "no_face" }] } });
  const before = await resultOf("p00000.jpg");
  await redo(id, [0]);
  await until(async () => (await engine.ledger.read(id))?.state === "completed_with_failures", { what: "the failure" });
  expect(await resultOf("p00000.jpg")).toBe(before);
  const { billed } = engine.twin.ledger();
  await postTo(engine, `/batches/${id}/retry`, { codes: ["no_face"] });
  await redone(id, 2, 1);
  expect([engine.twin.ledger().billed, await resultOf("p00000.jpg")]).toEqual([billed, before]);
});

it("a redo survives the loss of Redis, and is not paid twice", { timeout: 120_000 }, async () => {
  redis = await startRedis();
  const id = await ended(3, { redisUrl: redis.url, twin: { latencyMs: 1_500 } });
  const { billed } = engine.twin.ledger();
  await redo(id, [1, 2]);
  await until(() => engine.twin.stats().openStreams === 2, { what: "both calls" });
  await until(async () => (await engine.ledger.read(id))?.storedRevision === (await engine.ledger.read(id))?.revision, {
    what: "the control file",
  });
  await engine.redis.flushall();
  await until(() => engine.twin.stats().openStreams === 0, { what: "the calls to end", timeoutMs: 30_000 });
  await postTo(engine, "/recoveries", { destination: `${engine.root}out/` });
  await redone(id, 1, 3);
  expect(engine.twin.ledger().billed).toBe(billed + 2);
  expect((await engine.ledger.read(id))?.review.revision).toBe(1);
});
