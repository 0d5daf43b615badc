import { afterAll, expect, test } from "vitest";
import { ABSENT_AFTER_MS, Attendance, sharedKeys } from "../src/index.ts";
import { openLedger } from "./open-ledger.ts";

const { redis, namespace, close } = openLedger();
afterAll(close);

/** Each asks with an own memory, as another process would. */
const at = async (post: "producer" | `worker:${string}`) => await new Attendance(redis, namespace).at(post);

test("knows nobody of a post that nobody ever had", async () => {
  expect(await at("worker:never")).toEqual({ present: 0, lastSeenAt: undefined });
});

test("counts who is there, and says at once when the last one has left", async () => {
  const attendance = new Attendance(redis, namespace);
  const before = Date.now();
  const [leave, leaveToo] = await Promise.all([
    attendance.attend("a", ["producer", "worker:studio"]),
    attendance.attend("b", ["worker:studio"]),
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

test("counts nobody who died without a word, and knows when they were seen", async () => {
  const key = sharedKeys(namespace).attendance("worker:dead");
  const leave = await new Attendance(redis, namespace).attend("a", ["worker:dead"]);
  const died = Date.now() - ABSENT_AFTER_MS - 1_000;
  await redis.zadd(key, died, "here a");
  expect(await at("worker:dead")).toEqual({ present: 0, lastSeenAt: died });
  await leave();
});

test("finds somebody who came after nobody was there, also within the time of its memory", async () => {
  const attendance = new Attendance(redis, namespace);
  expect(await attendance.at("worker:new")).toMatchObject({ present: 0 });
  const leave = await attendance.attend("a", ["worker:new"]);
  expect(await attendance.at("worker:new")).toMatchObject({ present: 1 });
  await leave();
});
