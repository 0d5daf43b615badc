import { afterEach, expect, it } from "vitest";
import { batchKeys } from "@darkroom/core";
import { startRedis, until, type PrivateRedis } from "@darkroom/testkit";
import type { FaultRuleInput } from "@darkroom/twin";
import { controlText, readText, startEngine, type Engine } from "../kit/engine.ts";
import { postTo } from "../kit/post-to.ts";
import { rememberDisk } from "../kit/remember-disk.ts";

let engine: Engine;
let redis: PrivateRedis | undefined;
afterEach(async () => {
  await engine.close();
  await redis?.close();
  redis = undefined;
});

/** Returns whether the newest control file of a batch contains this text. */
async function isNoted(id: string, text: string, folder = ""): Promise<boolean> {
  return (await controlText(engine.openStore(`${engine.root}out/${folder}`), id)).includes(text);
}

async function isIn(key: string, text: string): Promise<boolean> {
  return (await readText(engine.results, key).catch(() => "")).includes(text);
}

it("keeps users' decisions when Redis returns without its last seconds", async () => {
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

  const comeBack = await rememberDisk(redis, engine);
  await postTo(engine, `/batches/${cancelled}/cancel`, { reason: "wrong folder" });
  await postTo(engine, `/batches/${paused}/pause`, { reason: "lunch" });
  await postTo(engine, `/batches/${confirmed}/confirm`, {});
  await until(
    async () =>
      (await isNoted(cancelled, `"reason": "wrong folder"`)) &&
      (await isNoted(paused, `"reason": "lunch"`, "b/")) &&
      (await isNoted(confirmed, `"unconfirmed": false`, "c/")),
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

interface ForgottenRetry {
  readonly prompt: string;
  readonly env?: Record<string, string>;
  /** The fault of the second portrait's call in that retry. */
  readonly second?: FaultRuleInput;
  /** The state of the retry at which its worker dies. */
  readonly reached: { readonly succeeded?: number; readonly failed?: number; readonly bills: number };
}

/**
 * Two portraits fail and are retried. In that retry, the first portrait's picture is paid but not seen yet, and the
 * second portrait has ended. Then the worker dies, Redis returns without the retry, and no worker runs.
 *
 * @returns the batch
 */
async function forgetRetry({ prompt, env = {}, second, reached }: ForgottenRetry): Promise<string> {
  redis = await startRedis();
  engine = await startEngine({
    redisUrl: redis.url,
    workers: 0,
    twin: { faults: [{ fault: "no_face" }] },
    env: { DARKROOM_IDLE_MS: "60000", DARKROOM_DEADLINE_MS: "90000", ...env },
  });
  await engine.addPhotos(2);
  const id = await engine.submit();
  const worker = await engine.spawnWorker();
  await engine.ended(id);

  const comeBack = await rememberDisk(redis, engine);
  const { faults } = engine.twin;
  faults.clear();
  faults.add({ match: { portrait: "p00000" }, fault: "silence" }, ...(second === undefined ? [] : [second]));
  await postTo(engine, `/batches/${id}/retry`, { recipe: { prompt } });
  await until(
    async () => {
      const { running, succeeded, failed } = (await engine.ledger.read(id))?.counts ?? {};
      const isDrained = (await engine.ledger.undrainedOutcomes(id, 1)).length === 0;
      const isReached = succeeded === (reached.succeeded ?? 0) && failed === (reached.failed ?? 0);
      return running === 1 && isReached && isDrained && engine.twin.ledger().bills.length === reached.bills;
    },
    { what: "the first retry's picture and the other one's end" },
  );
  worker.kill("SIGKILL");
  await comeBack();
  faults.clear();
  return id;
}

/** Retries the batch once Redis is available again. */
async function beginAnew(id: string, prompt: string): Promise<void> {
  const begun = async (): Promise<boolean> =>
    await postTo(engine, `/batches/${id}/retry`, { recipe: { prompt } }).then(
      () => true,
      () => false,
    );
  await until(begun, { what: "Redis to be there for a retry" });
}

/** Returns the number of portraits that the batch's latest round has opened. */
async function opened(id: string): Promise<number | undefined> {
  return (await engine.ledger.read(id))?.rounds.at(-1)?.opened;
}

const ENDS: readonly [string, Pick<ForgottenRetry, "second" | "reached">][] = [
  ["failed", { second: { fault: "no_face" }, reached: { failed: 1, bills: 1 } }],
  ["delivered", { reached: { succeeded: 1, bills: 2 } }],
];

it.each(ENDS)(
  "does not take results of a forgotten retry for those of the next one, with the other portrait %s",
  { timeout: 120_000 },
  async (_, ends) => {
    const id = await forgetRetry({ prompt: "Paint the background blue.", ...ends });
    await beginAnew(id, "Paint the background red.");
    await engine.spawnWorker();

    const { counts, rounds } = await engine.ended(id);
    // The second retry's pictures differ, and each is paid.
    const billed = engine.twin.ledger().bills.slice(ends.reached.bills);
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
  },
);

it("pays for nothing again when a retry forgotten by Redis is repeated", { timeout: 120_000 }, async () => {
  const prompt = "Paint the background blue.";
  const prices = '{"each-sense":{"eco":0.02,"max":0.02}}';
  const id = await forgetRetry({ prompt, env: { DARKROOM_PRICES: prices }, reached: { succeeded: 1, bills: 2 } });
  await beginAnew(id, prompt);
  await engine.spawnWorker();

  expect(await engine.ended(id)).toMatchObject({ counts: { total: 2, succeeded: 2 }, costUsd: 0.04 });
  expect(engine.twin.ledger().bills).toHaveLength(2);
  expect((await engine.report(id)).map(({ outcome, billed }) => [outcome, billed])).toEqual([
    ["ok", "yes"],
    ["ok", "yes"],
  ]);
});

it("recovers a retry that replaced a forgotten one that had ended", { timeout: 120_000 }, async () => {
  redis = await startRedis();
  engine = await startEngine({ redisUrl: redis.url, workers: 0, twin: { faults: [{ fault: "no_face" }] } });
  await engine.addPhotos(2);
  const id = await engine.submit();
  const worker = await engine.spawnWorker();
  await engine.ended(id);
  const retry = { recipe: { prompt: "Paint the background blue." } };
  const comeBack = await rememberDisk(redis, engine);
  await postTo(engine, `/batches/${id}/retry`, retry);
  const hasEnded = async (): Promise<boolean> => {
    const record = await engine.ledger.read(id);
    return record?.round === 1 && record.endedAt !== undefined;
  };
  await until(hasEnded, { what: "the retry's end", timeoutMs: 20_000 });
  await until(async () => await isIn(batchKeys(id).spec, '"round": 1'), { what: "its end in the store" });
  worker.kill("SIGKILL");
  await comeBack();
  await beginAnew(id, retry.recipe.prompt);
  await until(async () => (await isNoted(id, '"again": true')) && (await opened(id)) === 2, {
    what: "the retry in the store",
    timeoutMs: 20_000,
  });
  await engine.redis.flushall();

  const [found] = (await postTo<{ batches: unknown[] }>(engine, "/recoveries", { destination: `${engine.root}out/` }))
    .batches;
  expect(found).toMatchObject({ batchId: id, kind: "recovered", total: 2, ended: 0 });
  engine.twin.faults.clear();
  await engine.spawnWorker();
  expect((await engine.ended(id)).counts).toMatchObject({ total: 2, succeeded: 2 });
});
