import { once } from "node:events";
import type { ChildProcess } from "node:child_process";
import { afterEach, describe, expect, it } from "vitest";
import { accountMark } from "@darkroom/config";
import { BATCH_FORMAT, settledCount, type BatchStatus } from "@darkroom/core";
import { batchLedgerKeys } from "@darkroom/ledger";
import { tempFolder, testS3, until } from "@darkroom/testkit";
import { startTwin, type Twin } from "@darkroom/twin";
import { startEngine, type Engine } from "../kit/engine.ts";
import { startHttpFront } from "@darkroom/testkit";

const TIMEOUT = { timeout: 90_000 };
/** A key of another account than the batch's. */
const OTHER_KEY = "another-accounts-key";

let engine: Engine;
const stops: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
  await engine.close();
});

async function statusOf(id: string): Promise<BatchStatus> {
  const answer = await fetch(`${engine.api.url}/v1/batches/${id}`);
  expect(answer.status).toBe(200);
  return (await answer.json()) as BatchStatus;
}

/** Waits until the batch reports this missing requirement. */
async function lacks(id: string, what: string | RegExp): Promise<BatchStatus> {
  const found = async () => (await statusOf(id)).unattended?.lacks.some((each) => each.match(what) !== null) === true;
  await until(found, { what: `the batch to need ${what}`, timeoutMs: 30_000 });
  return await statusOf(id);
}

async function stop(child: ChildProcess): Promise<void> {
  const gone = once(child, "exit");
  child.kill("SIGTERM");
  await gone;
}

describe("the account that a batch was accepted with", () => {
  async function otherAccount(): Promise<{ readonly twin: Twin; readonly env: Record<string, string> }> {
    const twin = await startTwin({ latencyMs: 5, work: "light", apiKey: OTHER_KEY });
    stops.push(() => twin.close());
    return { twin, env: { EACHLABS_BASE_URL: twin.url, EACHLABS_API_KEY: OTHER_KEY } };
  }

  it("is not replaced by another key of the same lane until an operator allows it", TIMEOUT, async () => {
    engine = await startEngine({ workers: 0, twin: { latencyMs: 150 }, env: { DARKROOM_LANE_CONCURRENCY: "3" } });
    const other = await otherAccount();
    await engine.addPhotos(12);
    const id = await engine.submit();
    const first = await engine.spawnWorker();
    await engine.settledAtLeast(id, 3);
    await stop(first);
    const second = await engine.spawnWorker(other.env);
    const mark = accountMark(engine.twin.apiKey);
    const status = await lacks(id, mark);
    expect(status).toMatchObject({ state: "running", unattended: { missing: ["worker"] } });
    expect(status.unattended?.message).toContain("no worker here has what it needs: the account");
    // Portraits that waited for the first worker do not occupy the lane, so the other account's batches continue.
    const parked = async () => (await engine.ledger.read(id))?.counts.queued === 0;
    await until(parked, { what: "the portraits to be put back", timeoutMs: 30_000 });
    expect(other.twin.ledger().billed).toBe(0);
    const settled = settledCount((await statusOf(id)).counts);
    await stop(second);
    await engine.spawnWorker({ ...other.env, DARKROOM_FORMER_KEYS: mark });
    expect((await engine.ended(id)).counts.succeeded).toBe(12);
    expect(other.twin.ledger().billed).toBe(12 - settled);
  });

  /** Starts a worker whose key the account refuses, and batches that were accepted with that key. */
  async function refusedBatches(...destinations: readonly string[]) {
    const env = { EACHLABS_API_KEY: "a-wrong-key", DARKROOM_LANE_CONCURRENCY: "3" };
    engine = await startEngine({ workers: 0, twin: { latencyMs: 100 }, env });
    await engine.addPhotos(12);
    const ids: string[] = [];
    for (const name of destinations) ids.push(await engine.submit({ destination: `${engine.root}${name}/` }));
    const worker = await engine.spawnWorker();
    const isRefused = async () => (await statusOf(ids[0] ?? "")).blocked?.reason === "auth";
    await until(isRefused, { what: "the key to be refused", timeoutMs: 30_000 });
    return { ids, worker, right: { EACHLABS_API_KEY: engine.twin.apiKey } };
  }

  it("is not a key that was refused before it ever worked, but the next one that works", TIMEOUT, async () => {
    const { ids, worker, right } = await refusedBatches("out");
    const [id = ""] = ids;
    await stop(worker);
    const mended = await engine.spawnWorker(right);
    await engine.settledAtLeast(id, 1);
    await stop(mended);
    const other = await otherAccount();
    const third = await engine.spawnWorker(other.env);
    await lacks(id, accountMark(engine.twin.apiKey));
    await stop(third);
    expect(other.twin.ledger().billed).toBe(0);
    await engine.spawnWorker(right);
    expect((await engine.ended(id)).counts.succeeded).toBe(12);
    expect(engine.twin.ledger().billed).toBe(12);
  });

  it("is unset for a batch that was accepted with a refused key and never called", TIMEOUT, async () => {
    const { ids, worker, right } = await refusedBatches("out", "later");
    await stop(worker);
    await engine.spawnWorker(right);
    for (const id of ids) expect((await engine.ended(id)).counts.succeeded).toBe(12);
    expect(engine.twin.ledger().billed).toBe(24);
  });

  it("remains a key that has worked and is refused later", TIMEOUT, async () => {
    engine = await startEngine({ workers: 0, twin: { latencyMs: 100 }, env: { DARKROOM_LANE_CONCURRENCY: "3" } });
    const other = await otherAccount();
    await engine.addPhotos(12);
    const id = await engine.submit();
    const first = await engine.spawnWorker();
    await engine.settledAtLeast(id, 1);
    engine.twin.faults.random({ rate: 1, kinds: [{ kind: "http", status: 401 }] });
    await until(async () => (await statusOf(id)).blocked?.reason === "auth", { what: "the key to be refused" });
    await stop(first);
    const second = await engine.spawnWorker(other.env);
    await lacks(id, accountMark(engine.twin.apiKey));
    await stop(second);
    expect(other.twin.ledger().billed).toBe(0);
  });

  it("does all of it if workers with different keys share a lane", TIMEOUT, async () => {
    engine = await startEngine({ workers: 0, twin: { latencyMs: 30 } });
    const other = await otherAccount();
    await engine.addPhotos(15);
    await Promise.all([engine.spawnWorker(other.env), engine.spawnWorker()]);
    const id = await engine.submit();
    expect((await engine.ended(id)).counts.succeeded).toBe(15);
    expect([engine.twin.ledger().billed, other.twin.ledger().billed]).toEqual([15, 0]);
  });
});

describe("the stores that a batch was accepted with", () => {
  const NO_S3 = { AWS_ENDPOINT_URL_S3: "", AWS_REGION: "", AWS_ACCESS_KEY_ID: "", AWS_SECRET_ACCESS_KEY: "" };

  it.each([
    ["no S3 settings", NO_S3],
    ["another S3 endpoint", { AWS_ENDPOINT_URL_S3: "http://127.0.0.1:9" }],
  ])("are not replaced by a process with %s, and end no batch", TIMEOUT, async (_, env) => {
    engine = await startEngine({ store: "s3", workers: 0, producer: false });
    await engine.addPhotos(3);
    const id = await engine.submit();
    await Promise.all([engine.spawnProducer(env), engine.spawnWorker(env)]);
    const status = await lacks(id, /the S3 at .*AWS_/);
    expect(status).toMatchObject({
      state: "ingesting",
      counts: { total: 0 },
      unattended: { missing: ["producer", "worker"] },
    });
    await Promise.all([engine.spawnProducer(), engine.spawnWorker()]);
    expect(await engine.ended(id)).toMatchObject({ state: "completed", counts: { succeeded: 3 } });
  });

  it.each([
    ["no credentials", { AWS_ACCESS_KEY_ID: "", AWS_SECRET_ACCESS_KEY: "", AWS_EC2_METADATA_DISABLED: "true" }],
    ["credentials that are not taken", { AWS_ACCESS_KEY_ID: "nobody", AWS_SECRET_ACCESS_KEY: "nothing" }],
  ])("end no batch if a process has %s", TIMEOUT, async (_, env) => {
    engine = await startEngine({ store: "s3", workers: 0, producer: false });
    await engine.addPhotos(3);
    const id = await engine.submit();
    const producer = await engine.spawnProducer(env);
    expect(await lacks(id, /credentials for the S3/)).toMatchObject({ state: "ingesting", reason: null });
    await stop(producer);
    await Promise.all([engine.spawnProducer(), engine.spawnWorker(env)]);
    expect(await lacks(id, /credentials for the S3/)).toMatchObject({ counts: { total: 3, failed: 0 }, failures: {} });
    await engine.spawnWorker();
    expect(await engine.ended(id)).toMatchObject({ state: "completed", counts: { succeeded: 3 } });
  });

  it("may have another name for some processes, as behind a proxy", TIMEOUT, async () => {
    const front = await startHttpFront(testS3().endpoint, {});
    stops.push(() => front.close());
    engine = await startEngine({ store: "s3", workers: 0, producer: false });
    await engine.addPhotos(3);
    const id = await engine.submit();
    const env = { AWS_ENDPOINT_URL_S3: front.url };
    await Promise.all([engine.spawnProducer(env), engine.spawnWorker(env)]);
    expect(await engine.ended(id)).toMatchObject({ state: "completed", counts: { succeeded: 3 } });
  });

  it("include local folders that a worker may use; otherwise it ends no portrait", TIMEOUT, async () => {
    engine = await startEngine({ workers: 0 });
    const elsewhere = await tempFolder();
    stops.push(() => elsewhere.remove());
    await engine.addPhotos(3);
    await engine.spawnWorker({ DARKROOM_LOCAL_ROOTS: elsewhere.path });
    const id = await engine.submit();
    expect(await lacks(id, /the folder .* under DARKROOM_LOCAL_ROOTS/)).toMatchObject({ failures: {} });
    await engine.spawnWorker();
    expect((await engine.ended(id)).counts.succeeded).toBe(3);
  });
});

describe("a batch of a newer version", () => {
  it("is skipped, with its format in the status", TIMEOUT, async () => {
    engine = await startEngine({ workers: 0, producer: false });
    await engine.addPhotos(2);
    const id = await engine.submit();
    const { meta } = batchLedgerKeys(engine.settings.redis.namespace, id);
    const spec = JSON.parse((await engine.redis.hget(meta, "spec")) ?? "{}") as Record<string, unknown>;
    await engine.redis.hset(meta, "spec", JSON.stringify({ ...spec, format: BATCH_FORMAT + 1 }));
    await Promise.all([engine.spawnProducer(), engine.spawnWorker()]);
    expect(await lacks(id, `format ${BATCH_FORMAT + 1}`)).toMatchObject({ state: "ingesting" });
    await engine.redis.hset(meta, "spec", JSON.stringify(spec));
    expect((await engine.ended(id)).counts.succeeded).toBe(2);
  });
});
