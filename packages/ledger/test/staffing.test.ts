import { until } from "@darkroom/testkit";
import { afterAll, expect, test } from "vitest";
import { BATCH_FORMAT, type ProcessMeans } from "@darkroom/core";
import { ABSENT_AFTER_MS, Staffing, sharedKeys } from "../src/index.ts";
import { openLedger } from "./open-ledger.ts";

const { redis, namespace, close } = openLedger();
afterAll(close);

const MEANS: ProcessMeans = { format: BATCH_FORMAT, accounts: {}, s3: [], folders: "any", batches: "all" };
const means = (): ProcessMeans => MEANS;

/** Each reader has its own cache, like separate processes. */
const at = async (post: "producer" | `worker:${string}`) => await new Staffing(redis, namespace).at(post);

test("knows no processes at a post that was never used", async () => {
  expect(await at("worker:never")).toEqual({ present: 0, means: [], lastSeenAt: undefined });
});

test("counts present processes, and reports at once when the last one has left", async () => {
  const attendance = new Staffing(redis, namespace);
  const before = Date.now();
  const [leave, leaveToo] = await Promise.all([
    attendance.attend("a", ["producer", "worker:studio"], means),
    attendance.attend("b", ["worker:studio"], means),
  ]);
  expect(await at("worker:studio")).toMatchObject({ present: 2 });
  await leave();
  expect(await at("worker:studio")).toMatchObject({ present: 1 });
  expect(await at("producer")).toMatchObject({ present: 0 });
  await leaveToo();
  const { present, lastSeenAt = 0 } = await at("worker:studio");
  expect(present).toBe(0);
  expect(lastSeenAt).toBeGreaterThanOrEqual(before);
  expect(lastSeenAt).toBeLessThanOrEqual(Date.now());
});

test("does not count a process that died silently, and knows when it was seen", async () => {
  const key = sharedKeys(namespace).attendance("worker:dead");
  const leave = await new Staffing(redis, namespace).attend("a", ["worker:dead"], means);
  const died = Date.now() - ABSENT_AFTER_MS - 1_000;
  await redis.zadd(key, died, `here a ${JSON.stringify(MEANS)}`);
  expect(await at("worker:dead")).toEqual({ present: 0, means: [], lastSeenAt: died });
  await leave();
});

test("finds a process that joins after there was none, even within the cache lifetime", async () => {
  const attendance = new Staffing(redis, namespace);
  expect(await attendance.at("worker:new")).toMatchObject({ present: 0 });
  const leave = await attendance.attend("a", ["worker:new"], means);
  expect(await attendance.at("worker:new")).toMatchObject({ present: 1 });
  await leave();
});

test("returns the means of the present processes, without duplicates", async () => {
  const attendance = new Staffing(redis, namespace);
  const leaves = await Promise.all([
    attendance.attend("a", ["producer"], means),
    attendance.attend("b", ["producer"], means),
    attendance.attend("c", ["producer"], () => ({ ...MEANS, batches: ["one"] })),
  ]);
  const found = await at("producer");
  expect(found.present).toBe(3);
  expect(new Set(found.means)).toEqual(new Set([MEANS, { ...MEANS, batches: ["one"] }]));
  await Promise.all(leaves.map((leave) => leave()));
  expect(await at("producer")).toMatchObject({ present: 0, means: [] });
});

/** Waits until Redis' clock, which has a resolution of 1 ms, has advanced. */
async function untilLater(): Promise<void> {
  const ms = async () => (await redis.time()).map(Number).reduce((s, micros) => s * 1_000 + Math.floor(micros / 1_000));
  const from = await ms();
  await until(async () => (await ms()) > from, { what: "the clock", everyMs: 1 });
}

test("does not count a process as gone that joins meanwhile", async () => {
  const leave = await new Staffing(redis, namespace).attend("first", ["producer"], means);
  await untilLater();
  await new Staffing(redis, namespace).clear(() => false);
  expect(await at("producer")).toMatchObject({ present: 1 });
  let joined: Promise<() => Promise<void>> | undefined;
  await new Staffing(redis, namespace).clear(() => {
    joined = new Staffing(redis, namespace).attend("second", ["worker:joins"], means);
    return true;
  });
  const leaveSecond = await joined;
  expect([await at("producer"), await at("worker:joins")]).toMatchObject([{ present: 0 }, { present: 1 }]);
  await Promise.all([leave(), leaveSecond?.()]);
});

test("counts all as gone if a process knows that it is the only one, and keeps when they were seen", async () => {
  const before = Date.now();
  const leave = await new Staffing(redis, namespace).attend("a", ["producer", "worker:killed"], means);
  const other = new Staffing(redis, `${namespace}-other`);
  const leaveOther = await other.attend("b", ["producer"], means);
  await untilLater();
  await new Staffing(redis, namespace).clear(() => true);
  for (const post of ["producer", "worker:killed"] as const) {
    const { present, lastSeenAt = 0 } = await at(post);
    expect(present).toBe(0);
    expect(lastSeenAt).toBeGreaterThanOrEqual(before);
  }
  expect(await new Staffing(redis, `${namespace}-other`).at("producer")).toMatchObject({ present: 1 });
  await Promise.all([leave(), leaveOther()]);
});
