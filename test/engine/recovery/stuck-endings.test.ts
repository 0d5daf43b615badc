import { rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { afterEach, expect, it } from "vitest";
import { batchKeys, type BatchStatus } from "@darkroom/core";
import { Schedules, sharedKeys } from "@darkroom/ledger";
import { testS3, until } from "@darkroom/testkit";
import { startEngine, type Engine } from "../kit/engine.ts";
import { startHttpFront } from "@darkroom/testkit";
import { postTo } from "../kit/post-to.ts";
import { runSchedule } from "../kit/run-schedule.ts";

let engine: Engine;
const stops: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
  await engine.close();
});

async function statusOf(id: string): Promise<BatchStatus> {
  return (await (await fetch(`${engine.api.url}/v1/batches/${id}`)).json()) as BatchStatus;
}

/** Starts a producer whose store refuses a batch's report while `denies` is true. */
async function startRefused() {
  const store = { requests: 0, denies: true };
  const front = await startHttpFront(testS3().endpoint, {
    answers: ({ method, url = "" }, response) => {
      store.requests += 1;
      if (!store.denies || (method !== "PUT" && method !== "POST") || !url.includes("report.csv")) return false;
      response.writeHead(403, { "content-type": "application/xml" });
      response.end("<Error><Code>AccessDenied</Code><Message>no</Message></Error>");
      return true;
    },
  });
  stops.push(() => front.close());
  engine = await startEngine({ store: "s3", producer: false });
  await engine.spawnProducer({ AWS_ENDPOINT_URL_S3: front.url });
  await engine.addPhotos(3);
  return store;
}

async function refusedOften(id: string, tries: number): Promise<void> {
  const triesOf = async (): Promise<number> => (await engine.ledger.read(id))?.stalls[0]?.tries ?? 0;
  await until(async () => (await triesOf()) >= tries, { what: `${tries} refusals`, timeoutMs: 40_000 });
}

it("a batch whose snapshot is lost ends, and reports what its report lacks", { timeout: 60_000 }, async () => {
  engine = await startEngine({ twin: { latencyMs: 300 }, env: { DARKROOM_LANE_CONCURRENCY: "2" } });
  await engine.addPhotos(6);
  const id = await engine.submit();
  await engine.settledAtLeast(id, 2);
  await rm(fileURLToPath(new URL(`out/${batchKeys(id).snapshotPrefix}`, engine.root)), { recursive: true });
  const ended = await engine.ended(id);
  expect(ended).toMatchObject({ state: "completed", hasReport: true, counts: { succeeded: 6 } });
  expect(ended.reason).toMatch(/only the outcome of 6 portraits: snapshot part 0 of batch .* is not in/);
  const report = await engine.report(id);
  expect(report.map(({ index, outcome }) => [index, outcome])).toEqual([0, 1, 2, 3, 4, 5].map((at) => [at, "ok"]));
});

it(
  "a batch whose report is refused reports so, retries rarely, blocks no schedule, and ends once the report can be written",
  { timeout: 120_000 },
  async () => {
    const store = await startRefused();
    const schedules = new Schedules(engine.redis, engine.settings.redis.namespace);
    const recipe = { preset: "professional-polish", mode: "eco" } as const;
    const submission = { source: `${engine.root}in/`, destination: `${engine.root}out/`, recipe };
    const createdAt = new Date().toISOString();
    await schedules.create({ id: "nightly", cron: "0 2 1 1 *", timeZone: "Europe/Berlin", createdAt, submission });
    const id = await runSchedule(engine, "nightly");
    await refusedOften(id, 3);
    const before = store.requests;
    await refusedOften(id, 4);
    // One attempt, 4 s after the previous one. A fixed interval of 250 ms would have caused sixteen attempts.
    expect(store.requests - before).toBeLessThan(60);
    const { state, waiting, report } = await statusOf(id);
    expect(state).toBe("finishing");
    expect(report).toBeNull();
    expect(waiting).toMatchObject([{ reason: "report", count: 0, message: expect.stringMatching(/denied|no/i) }]);
    expect(Date.parse(waiting[0]?.nextLookAt ?? "")).toBeGreaterThan(Date.now());

    expect(await runSchedule(engine, "nightly")).not.toBe(id);
    store.denies = false;
    expect(await engine.ended(id)).toMatchObject({ state: "completed", hasReport: true });
    expect((await statusOf(id)).waiting).toEqual([]);
  },
);

it("a user ends a batch whose report is refused: it names no report, and the reason", { timeout: 60_000 }, async () => {
  await startRefused();
  const id = await engine.submit();
  await refusedOften(id, 1);
  await postTo(engine, `/batches/${id}/cancel`, { reason: "given up" });
  const ended = await engine.ended(id);
  expect(ended).toMatchObject({ state: "cancelled", hasReport: false, counts: { succeeded: 3 } });
  expect(ended.reason).toMatch(/^given up; its report could not be written: /);
  expect((await statusOf(id)).report).toBeNull();
});

it("a failed batch names no report", async () => {
  engine = await startEngine();
  const id = await engine.submit({ source: `${engine.root}in/none.csv` });
  await until(async () => (await engine.ledger.read(id))?.state === "failed", { what: "the failure" });
  expect(await engine.results.head(batchKeys(id).reportCsv)).toBeUndefined();
  expect((await statusOf(id)).report).toBeNull();
});

it("a batch that has waited for a user for 61 days is listed; one that ended then is not", async () => {
  engine = await startEngine();
  await engine.addPhotos(1);
  const { batches } = sharedKeys(engine.settings.redis.namespace);
  const daysAgo = (id: string) => engine.redis.zadd(batches, Date.now() - 61 * 86_400_000, id);
  const waits = await engine.submit({ confirm: true });
  await until(async () => (await engine.ledger.read(waits))?.state === "awaiting_confirmation", {
    what: "the question",
  });
  const old = await engine.submit({ destination: `${engine.root}old/` });
  await engine.ended(old);
  await daysAgo(waits);
  await daysAgo(old);
  const other = await engine.submit({ destination: `${engine.root}other/` });
  await engine.ended(other);
  await until(async () => !(await engine.ledger.listBatches(10)).includes(old), { what: "the old one to go" });
  expect(await engine.ledger.listBatches(10)).toEqual([other, waits]);
});
