import { once } from "node:events";
import { rename } from "node:fs/promises";
import { buffer } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { gunzipSync, gzipSync } from "node:zlib";
import { afterEach, describe, expect, it } from "vitest";
import { batchKeys, newBatchId, settledCount } from "@darkroom/core";
import { startRedis, until, type PrivateRedis } from "@darkroom/testkit";
import { controlText, readText, startEngine, type Engine } from "../kit/engine.ts";
import { readEngineSettings } from "@darkroom/config";
import { createLogger } from "@darkroom/runtime";
import { startApi } from "@darkroom/api";
import { postTo } from "../kit/post-to.ts";

let engine: Engine;
let redis: PrivateRedis | undefined;
afterEach(async () => {
  await engine.close();
  await redis?.close();
  redis = undefined;
});

interface Recovered {
  readonly batchId: string;
  readonly kind: string;
  readonly total?: number;
  readonly ended?: number;
  readonly unconfirmed?: boolean;
}

const recover = async (): Promise<readonly Recovered[]> =>
  (await postTo<{ batches: readonly Recovered[] }>(engine, "/recoveries", { destination: `${engine.root}out/` }))
    .batches;

/** Returns the portraits that the report parts in the store list as delivered. */
async function deliveredKeys(): Promise<ReadonlySet<string>> {
  const keys = new Set<string>();
  for await (const { key } of engine.results.list()) if (!key.startsWith("_darkroom/")) keys.add(key);
  return keys;
}

describe("recover, after Redis was emptied", () => {
  it(
    "finishes 400 portraits from the object store alone, and pays again for nothing that was delivered",
    { timeout: 180_000 },
    async () => {
      redis = await startRedis();
      engine = await startEngine({
        redisUrl: redis.url,
        workers: 2,
        twin: { latencyMs: 60 },
        env: { DARKROOM_LANE_CONCURRENCY: "40" },
      });
      await engine.addPhotos(400);
      const id = await engine.submit();
      await engine.settledAtLeast(id, 150);
      // Some outcomes have reached the report parts, some are only in Redis, and some portraits are in flight.
      await engine.redis.flushall();
      await until(() => engine.twin.stats().openStreams === 0, { what: "the streams to end", timeoutMs: 30_000 });
      const delivered = await deliveredKeys();
      const paidBefore = engine.twin.ledger().billed;
      expect(delivered.size).toBeGreaterThanOrEqual(150);
      expect(delivered.size).toBeLessThan(400);
      expect(await engine.ledger.read(id)).toBeUndefined();

      const [recovered, ...others] = await recover();
      expect(others).toEqual([]);
      expect(recovered).toMatchObject({ batchId: id, kind: "recovered", total: 400 });
      expect(recovered?.ended).toBeGreaterThan(0);
      expect(recovered?.ended).toBeLessThanOrEqual(delivered.size);
      const record = await engine.ended(id, 120_000);
      expect(record.counts).toMatchObject({ total: 400, succeeded: 400 });
      const lines = await engine.report(id);
      expect(lines).toHaveLength(400);
      // Includes portraits whose outcome line was lost with Redis.
      expect(lines.filter(({ billed }) => billed === "no")).toEqual([]);

      const ledger = engine.twin.ledger();
      // Calls in flight when Redis was emptied were paid for and are in the provider's memory, so nothing is paid
      // twice.
      expect(ledger.doubleBilled).toEqual([]);
      expect(ledger.billed).toBe(400);
      expect(paidBefore).toBeGreaterThanOrEqual(delivered.size);
      expect(await recover()).toEqual([{ batchId: id, kind: "known" }]);
    },
  );

  it("knows which results an order kept, and counts them as no failures", { timeout: 60_000 }, async () => {
    redis = await startRedis();
    engine = await startEngine({ redisUrl: redis.url, twin: { latencyMs: 6_000 } });
    await engine.addPhotos(2, (index) => `${index}.jpg`);
    await engine.ended(await engine.submit());
    await engine.addPhotos(1, () => "new.jpg");
    const recipe = { preset: "lighting-adjustment", mode: "eco" } as const;
    const id = await engine.submit({ recipe, overwrite: false });
    await engine.settledAtLeast(id, 2);
    await until(async () => await firstUnder(batchKeys(id).reportPrefix), { what: "a report part" });
    await engine.redis.flushall();
    await recover();
    const { counts, failures } = await engine.ended(id);
    expect({ counts, failures }).toMatchObject({ counts: { succeeded: 1, skipped: 2 }, failures: {} });
    const details = await engine.ledger.details(id, [0, 1]);
    expect(Array.from(details.values(), ({ code }) => code)).toEqual(["kept", "kept"]);
  });

  it("keeps users' decisions: a paused batch stays paused, a cancelled one ends, a second round continues", async () => {
    redis = await startRedis();
    engine = await startEngine({
      redisUrl: redis.url,
      twin: { latencyMs: 40, faults: [{ match: { portrait: "p00001" }, fault: "no_face" }] },
      env: { DARKROOM_LANE_CONCURRENCY: "4" },
    });
    await engine.addPhotos(60);
    const retried = await engine.submit({ destination: `${engine.root}out/c/`, exclude: ["p000[1-5]*"] });
    await engine.ended(retried);
    const [paused, cancelled] = await Promise.all([
      engine.submit(),
      engine.submit({ destination: `${engine.root}out/b/` }),
    ]);
    await postTo(engine, `/batches/${retried}/retry`, { recipe: { mode: "max" } });
    await engine.settledAtLeast(paused, 3);
    await postTo(engine, `/batches/${paused}/pause`, { reason: "lunch" });
    await postTo(engine, `/batches/${cancelled}/cancel`, { reason: "wrong folder" });
    await engine.ended(cancelled);
    await until(
      async () => {
        const record = await engine.ledger.read(paused);
        return record !== undefined && record.counts.running === 0 && record.storedRevision === record.revision;
      },
      { what: "the pause to be noted in the store" },
    );
    await engine.ended(retried);
    const before = await engine.ledger.read(paused);
    await engine.redis.flushall();
    const found = new Map((await recover()).map(({ batchId, kind }) => [batchId, kind]));
    expect(found).toEqual(new Map([[paused, "recovered"]]));
    const record = await engine.ledger.read(paused);
    expect(record).toMatchObject({ state: "paused", pausedBy: "person", reason: "lunch" });
    expect(record === undefined ? 0 : settledCount(record.counts)).toBeLessThanOrEqual(settledCount(before!.counts));
    await postTo(engine, `/batches/${paused}/resume`, {});
    expect((await engine.ended(paused)).counts).toMatchObject({ succeeded: 59, failed: 1 });
  });

  it("keeps its budget by the prices at acceptance, whatever the recovering API's prices are", async () => {
    redis = await startRedis();
    const prices = '{"each-sense":{"eco":0.05,"max":0.2}}';
    engine = await startEngine({ redisUrl: redis.url, env: { DARKROOM_PRICES: prices } });
    await engine.addPhotos(2);
    const rows = [{ source: "p00000.jpg", mode: "max" }, { source: "p00001.jpg" }];
    const id = await engine.submit({ rows, baseUrl: `${engine.root}in/`, confirm: true, maxCostUsd: 1 });
    const waits = async () => (await engine.ledger.read(id))?.state === "awaiting_confirmation";
    await until(waits, { what: "the batch to wait" });
    await engine.redis.flushall();
    const unpriced = await startApi(readEngineSettings({ ...engine.env, DARKROOM_PRICES: undefined }), {
      log: createLogger({ level: "silent", name: "test" }),
    });
    const recovered = await fetch(`${unpriced.url}/v1/recoveries`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ destination: `${engine.root}out/` }),
    });
    expect(await recovered.json()).toMatchObject({ batches: [{ batchId: id, kind: "recovered" }] });
    await until(waits, { what: "the batch to wait again" });
    const status = await (await fetch(`${unpriced.url}/v1/batches/${id}`)).json();
    await unpriced.close();
    expect(status).toMatchObject({ estimatedCostUsd: 0.25, maxCostUsd: 1 });
  });

  it("runs no submission that was rejected, and one that may not have been accepted only when it is confirmed", async () => {
    redis = await startRedis();
    engine = await startEngine({
      redisUrl: redis.url,
      twin: { latencyMs: 150 },
      env: { DARKROOM_LANE_CONCURRENCY: "4" },
    });
    await engine.addPhotos(20);
    const submission = {
      source: `${engine.root}in/`,
      destination: `${engine.root}out/`,
      recipe: { preset: "professional-polish", mode: "eco" },
    };
    await engine.redis.config("SET", "maxmemory", "1");
    const refused = await fetch(`${engine.api.url}/v1/batches`, {
      method: "POST",
      body: JSON.stringify(submission),
      headers: { "content-type": "application/json" },
    });
    await engine.redis.config("SET", "maxmemory", "0");
    expect(refused.status).toBe(503);
    for await (const { key } of engine.results.list()) expect.unreachable(`${key} was left`);

    const id = await engine.submit();
    // The files of a server that died between the object store and the ledger.
    const died = newBatchId();
    const left = (await readText(engine.results, batchKeys(id).spec)).replace(id, died);
    await engine.results.put(batchKeys(died).spec, Buffer.from(left));
    await engine.settledAtLeast(id, 3);
    await engine.redis.flushall();
    await until(() => engine.twin.stats().openStreams === 0, { what: "the streams to end", timeoutMs: 30_000 });
    expect(new Map((await recover()).map(({ batchId, kind, unconfirmed }) => [batchId, [kind, unconfirmed]]))).toEqual(
      new Map([
        [id, ["recovered", undefined]],
        [died, ["recovered", true]],
      ]),
    );
    expect((await engine.ended(id)).counts).toMatchObject({ total: 20, succeeded: 20 });
    await until(async () => (await engine.ledger.read(died))?.state === "awaiting_confirmation", {
      what: "the other batch to be read",
    });
    expect(engine.twin.ledger().billed).toBe(20);
    expect(engine.twin.ledger().doubleBilled).toEqual([]);
    await postTo(engine, `/batches/${died}/cancel`, {});
    expect(await engine.ended(died)).toMatchObject({ state: "cancelled", counts: { total: 20, cancelled: 20 } });
  });

  it("leaves a failed batch ended, even if its source is readable by now", async () => {
    redis = await startRedis();
    engine = await startEngine({ redisUrl: redis.url });
    const id = await engine.submit({ source: `${engine.root}in/list.csv` });
    expect(await engine.ended(id)).toMatchObject({ state: "failed" });
    await until(async () => !(await engine.ledger.activeBatches()).includes(id), { what: "the batch to be put away" });
    expect(JSON.parse(await readText(engine.results, batchKeys(id).spec))).toMatchObject({
      ended: { state: "failed", reason: expect.stringContaining("list.csv") as string },
    });
    await engine.addPhotos(2);
    await engine.source.put("list.csv", Buffer.from("source\np00000.jpg\np00001.jpg\n"));
    await engine.redis.flushall();
    expect(await recover()).toEqual([{ batchId: id, kind: "ended" }]);
    expect(await engine.ledger.read(id)).toBeUndefined();

    // A damaged batch does not prevent the recovery of the others.
    const other = newBatchId();
    await engine.results.put(batchKeys(other).spec, Buffer.from("{"));
    expect(await recover()).toMatchObject([
      { batchId: id, kind: "ended" },
      { batchId: other, kind: "damaged", message: expect.stringContaining("batch.json") as string },
    ]);
  });
});

/** Empties Redis once nothing is in flight. */
async function burn(): Promise<void> {
  await engine.redis.flushall();
  await until(() => engine.twin.stats().openStreams === 0, { what: "the streams to end", timeoutMs: 30_000 });
}

async function firstUnder(prefix: string): Promise<string | undefined> {
  for await (const { key } of engine.results.list({ prefix })) return key;
  return undefined;
}

describe("recover, if something has changed", () => {
  it("does not continue at a location to which the results were moved, and reports where they go", async () => {
    redis = await startRedis();
    engine = await startEngine({
      redisUrl: redis.url,
      workers: 0,
      twin: { latencyMs: 400 },
      env: { DARKROOM_LANE_CONCURRENCY: "4" },
    });
    await engine.addPhotos(40);
    // Killed, so that it writes nothing more to the old location.
    const worker = await engine.spawnWorker();
    const id = await engine.submit();
    await engine.settledAtLeast(id, 15);
    worker.kill("SIGKILL");
    await once(worker, "exit");
    await burn();
    const [here, there] = [fileURLToPath(`${engine.root}out`), fileURLToPath(`${engine.root}moved`)];
    await rename(here, there);
    const moved = { destination: `${engine.root}moved/` };
    expect((await postTo<{ batches: readonly unknown[] }>(engine, "/recoveries", moved)).batches).toEqual([
      { batchId: id, kind: "damaged", message: expect.stringContaining(`${engine.root}out/`) as string },
    ]);
    expect(await engine.ledger.read(id)).toBeUndefined();
    await rename(there, here);
    await engine.spawnWorker();
    expect(await recover()).toMatchObject([{ batchId: id, kind: "recovered" }]);
    expect((await engine.ended(id)).counts).toMatchObject({ succeeded: 40 });
    expect(engine.twin.ledger().billed).toBe(40);
  });

  it("names a batch whose report part is damaged, and recovers the others", async () => {
    redis = await startRedis();
    engine = await startEngine({
      redisUrl: redis.url,
      twin: { latencyMs: 400 },
      env: { DARKROOM_LANE_CONCURRENCY: "4" },
    });
    await engine.addPhotos(60);
    const id = await engine.submit();
    const part = await until(async () => await firstUnder(batchKeys(id).reportPrefix), { what: "a report part" });
    const other = await engine.submit({ confirm: true });
    await until(async () => (await engine.ledger.read(other))?.state === "awaiting_confirmation", {
      what: "the other batch to be read",
    });
    await burn();
    const whole = gunzipSync(await buffer((await engine.results.get(part)).body));
    await engine.results.put(part, Buffer.from("torn"));
    for (const wrong of ["null", "{}", '{"revision": 3}']) {
      await engine.results.put(batchKeys(other).control(9), Buffer.from(wrong));
      expect(await recover()).toMatchObject([
        { batchId: id, kind: "damaged" },
        { batchId: other, kind: "damaged", message: expect.stringContaining("control/") as string },
      ]);
    }
    await engine.results.delete(batchKeys(other).control(9));
    expect(await recover()).toMatchObject([
      { batchId: id, kind: "damaged", message: expect.stringContaining(part) as string },
      { batchId: other, kind: "recovered" },
    ]);
    await engine.results.put(part, gzipSync(whole));
    expect(await recover()).toMatchObject([{ kind: "recovered" }, { kind: "known" }]);
    expect((await engine.ended(id)).counts).toMatchObject({ succeeded: 60 });
    expect(engine.twin.ledger().billed).toBe(60);
  });

  it("keeps data of a batch that it could not rebuild in Redis for at most an hour", async () => {
    redis = await startRedis();
    engine = await startEngine({ redisUrl: redis.url });
    await engine.addPhotos(1);
    const bad = Array.from({ length: 2_400 }, (_, row) => `../out-of-reach-${row}.jpg`);
    await engine.source.put("list.csv", Buffer.from(["source", ...bad, "p00000.jpg"].join("\n")));
    const id = await engine.submit({
      source: `${engine.root}in/list.csv`,
      confirm: true,
      breaker: false,
      skipBadRows: true,
    });
    await until(async () => (await engine.ledger.read(id))?.state === "awaiting_confirmation", {
      what: "the question",
    });
    const parts: string[] = [];
    for await (const { key } of engine.results.list({ prefix: batchKeys(id).snapshotPrefix })) parts.push(key);
    expect(parts).toHaveLength(3);
    await burn();
    await engine.results.put(parts[1] ?? "", Buffer.from("torn"));
    expect(await recover()).toMatchObject([{ batchId: id, kind: "damaged" }]);
    const left = await engine.redis.keys(`*{${id}}*`);
    expect(left.length).toBeGreaterThan(0);
    for (const key of left) expect([key, (await engine.redis.pttl(key)) > 0]).toEqual([key, true]);
  });

  it("ignores rows appended to a source of full thousands since it was confirmed", async () => {
    redis = await startRedis();
    engine = await startEngine({ redisUrl: redis.url, twin: { latencyMs: 300 } });
    await engine.addPhotos(12);
    const rows = ["source", ...Array.from({ length: 990 }, (_, row) => `../out-of-reach-${row}.jpg`)];
    for (let photo = 0; photo < 10; photo += 1) rows.push(`p${String(photo).padStart(5, "0")}.jpg`);
    await engine.source.put("list.csv", Buffer.from(rows.join("\n")));
    const id = await engine.submit({
      source: `${engine.root}in/list.csv`,
      confirm: true,
      breaker: false,
      skipBadRows: true,
    });
    await until(async () => (await engine.ledger.read(id))?.state === "awaiting_confirmation", {
      what: "the question",
    });
    expect((await engine.ledger.read(id))?.counts).toMatchObject({ total: 1_000, failed: 990 });
    await postTo(engine, `/batches/${id}/confirm`);
    await until(async () => (await controlText(engine.results, id)).includes(`"unconfirmed": false`), {
      what: "the confirmation to be in the store",
    });
    await burn();
    await engine.source.put("list.csv", Buffer.from([...rows, "p00010.jpg", "p00011.jpg"].join("\n")));
    expect(await recover()).toMatchObject([{ batchId: id, kind: "recovered", total: 1_000 }]);
    expect((await engine.ended(id)).counts).toMatchObject({ total: 1_000, succeeded: 10, failed: 990 });
    expect(engine.twin.ledger().billed).toBe(10);
    expect(await engine.report(id)).toHaveLength(1_000);
  });
});

describe("recover, while a retry was being opened", () => {
  it("opens the same portraits with the retry's recipe, and knows their number", async () => {
    redis = await startRedis();
    engine = await startEngine({
      redisUrl: redis.url,
      twin: {
        latencyMs: 1_000,
        faults: ["p00001", "p00002"].map((portrait) => ({ match: { portrait, call: 1 }, fault: "no_face" as const })),
      },
      env: { DARKROOM_PRICES: '{"each-sense":{"eco":0.1,"max":0.5}}' },
    });
    await engine.addPhotos(6);
    const id = await engine.submit();
    await engine.ended(id);
    await postTo(engine, `/batches/${id}/retry`, { codes: ["no_face"], recipe: { mode: "max" } });
    const isNoted = async () => (await controlText(engine.results, id)).includes('"number": 1');
    await until(isNoted, { what: "the round in the store" });
    const control = await controlText(engine.results, id);
    await burn();
    // The state if Redis is lost before all portraits are reopened.
    await engine.results.put(
      batchKeys(id).control(99),
      Buffer.from(control.replaceAll(/"opened": \d+/g, '"opened": 0')),
    );
    expect(await recover()).toMatchObject([{ batchId: id, kind: "recovered", ended: 4 }]);
    const record = await engine.ended(id);
    expect(record.rounds.map(({ opened }) => opened)).toEqual([2]);
    expect(record.counts).toMatchObject({ succeeded: 6 });
    expect(record.costUsd).toBeCloseTo(4 * 0.1 + 2 * 0.5, 6);
  });
});

describe("a report", () => {
  it("is written without a damaged part, and names the portraits whose line is missing", async () => {
    engine = await startEngine({ twin: { latencyMs: 400 }, env: { DARKROOM_LANE_CONCURRENCY: "4" } });
    await engine.addPhotos(60);
    const id = await engine.submit();
    const part = await until(async () => await firstUnder(batchKeys(id).reportPrefix), { what: "a report part" });
    await engine.results.put(part, Buffer.from("torn"));
    expect((await engine.ended(id)).counts).toMatchObject({ succeeded: 60 });
    const lines = await engine.report(id);
    expect(lines).toHaveLength(60);
    const missing = lines.filter(({ message }) => message === "its outcome line is missing");
    expect(missing.length).toBeGreaterThan(0);
    expect(missing.length).toBeLessThan(60);
  });
});

describe("reconcile", () => {
  it("names a damaged snapshot part, even if nothing was delivered yet", async () => {
    engine = await startEngine();
    await engine.addPhotos(3);
    const [fresh, done] = [
      await engine.submit({ confirm: true }),
      await engine.submit({ destination: `${engine.root}out/b/` }),
    ];
    await engine.ended(done);
    await until(async () => (await engine.ledger.read(fresh))?.state === "awaiting_confirmation", {
      what: "the reading",
    });
    for (const [id, folder] of [
      [fresh, ""],
      [done, "b/"],
    ] as const) {
      const part = await firstUnder(`${folder}${batchKeys(id).snapshotPrefix}`);
      await engine.results.put(part ?? "", Buffer.from("torn"));
      const { differences } = await postTo<{ differences: readonly unknown[] }>(engine, `/batches/${id}/reconcile`);
      expect(differences).toMatchObject([{ kind: "snapshot_missing", count: 1, examples: [0], fixed: 0 }]);
    }
  });

  it("continues with the portraits that the counts report as pending, regardless of the dispatch cursor", async () => {
    engine = await startEngine({ twin: { latencyMs: 400 }, env: { DARKROOM_LANE_CONCURRENCY: "4" } });
    await engine.addPhotos(40);
    const id = await engine.submit();
    await engine.settledAtLeast(id, 15);
    await postTo(engine, `/batches/${id}/pause`, {});
    await until(async () => (await engine.ledger.read(id))?.counts.running === 0, { what: "what runs to end" });
    await engine.redis.del(`${engine.settings.redis.namespace}:{${id}}:states`);
    await postTo(engine, `/batches/${id}/reconcile`, { fix: true });
    await postTo(engine, `/batches/${id}/resume`, {});
    expect((await engine.ended(id, 30_000)).counts).toMatchObject({ total: 40, succeeded: 40 });
    expect(engine.twin.ledger().doubleBilled).toEqual([]);
  });

  it("reports no differences in a healthy batch, and reports and repairs others", async () => {
    engine = await startEngine({ twin: { latencyMs: 20 } });
    await engine.addPhotos(30);
    const id = await engine.submit();
    await engine.ended(id);
    type Answer = { differences: readonly { kind: string; count: number; examples: number[]; fixed: number }[] };
    const look = async (fix: boolean) =>
      (await postTo<Answer>(engine, `/batches/${id}/reconcile`, { fix })).differences;
    expect(await look(false)).toEqual([]);

    const meta = `${engine.settings.redis.namespace}:{${id}}`;
    await engine.redis.hincrby(`${meta}:meta`, "n4", 3);
    await engine.redis.hset(`${meta}:receipts`, "7", "{}");
    await engine.redis.hset(`${meta}:claims`, "8", "nobody/1");
    await engine.results.delete("p00012.jpg");
    const named = await look(false);
    expect(new Set(named.map(({ kind }) => kind))).toEqual(
      new Set(["counts", "stray_receipts", "stray_claims", "results_missing"]),
    );
    expect(named.every(({ fixed }) => fixed === 0)).toBe(true);
    expect(named.find(({ kind }) => kind === "results_missing")?.examples).toEqual([12]);
    await look(true);
    expect((await look(false)).map(({ kind }) => kind)).toEqual(["results_missing"]);
    expect((await engine.ledger.read(id))?.counts).toMatchObject({ total: 30, succeeded: 30 });
  });
});

it("does not rebuild a batch that another Redis runs, unless a user insists", { timeout: 90_000 }, async () => {
  redis = await startRedis();
  engine = await startEngine({ twin: { latencyMs: 300 }, env: { DARKROOM_LANE_CONCURRENCY: "2" } });
  await engine.addPhotos(20);
  const id = await engine.submit();
  const { running } = batchKeys(id);
  await until(async () => (await engine.results.head(running)) !== undefined, { what: "a sign of the producer" });
  const elsewhere = await startApi(readEngineSettings({ ...engine.env, REDIS_URL: redis.url }), {
    log: createLogger({ level: "silent", name: "test" }),
  });
  const recoverThere = async (options: object): Promise<unknown> => {
    const body = JSON.stringify({ destination: `${engine.root}out/`, ...options });
    const headers = { "content-type": "application/json" };
    const response = await fetch(`${elsewhere.url}/v1/recoveries`, { method: "POST", headers, body });
    return ((await response.json()) as { batches: unknown }).batches;
  };
  try {
    const message = expect.stringMatching(/^another Redis runs it, or did \d+ s ago .*paid twice/) as string;
    expect(await recoverThere({})).toEqual([{ batchId: id, kind: "running", message }]);
    expect((await fetch(`${elsewhere.url}/v1/batches/${id}`)).status).toBe(404);
    expect(await recoverThere({ thoughItRuns: true })).toMatchObject([{ batchId: id, kind: "recovered" }]);
    await engine.ended(id, 60_000);
    expect(await engine.results.head(running)).toBeUndefined();
    expect(engine.twin.ledger().billed).toBe(20);
  } finally {
    await elsewhere.close();
  }
});
