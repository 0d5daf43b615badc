import { afterAll, beforeEach, expect, test } from "vitest";
import { closeRedis, connectRedis } from "@darkroom/redis-kit";
import { testNamespace, testRedisUrl, until } from "@darkroom/testkit";
import { BlockedDestinations, FIRST_LOOK_MS } from "../src/batch/blocked-destinations.ts";
import { sharedKeys } from "../src/keys.ts";

const redis = connectRedis({ url: testRedisUrl(), name: "blocked-destinations-test", onError: () => undefined });
afterAll(() => closeRedis(redis));

const PLACE = { url: "s3://studio/out/", folder: "" };
const FULL = { reason: "full", message: "the disk is full", sizeBytes: 300_000 } as const;
let namespace: string;
let destinations: BlockedDestinations;
beforeEach(() => {
  namespace = testNamespace();
  destinations = new BlockedDestinations(redis, namespace);
});

/** Makes the next probe due at once. */
async function due(): Promise<void> {
  const { destinations: key } = sharedKeys(namespace);
  for (const [field, text] of Object.entries(await redis.hgetall(key))) {
    await redis.hset(key, field, JSON.stringify({ ...(JSON.parse(text) as object), nextLookAt: 0 }));
  }
}

test("a destination is blocked once, whichever process reports it, with the time of its probe", async () => {
  const before = Date.now();
  const told = await Promise.all(Array.from({ length: 5 }, () => destinations.block(PLACE, FULL)));
  expect(told.filter(Boolean)).toEqual([true]);
  const [blocked, ...others] = await destinations.read();
  expect(others).toEqual([]);
  expect(blocked).toMatchObject({ ...PLACE, reason: "full", message: "the disk is full" });
  expect((blocked?.nextLookAt ?? 0) - before).toBeGreaterThanOrEqual(FIRST_LOOK_MS - 1_000);
});

test("one process at a time probes, when it is due, with the refused size", async () => {
  await destinations.block(PLACE, FULL);
  expect(await destinations.take(PLACE)).toBeUndefined();
  await due();
  const taken = await Promise.all(Array.from({ length: 5 }, () => destinations.take(PLACE)));
  expect(taken.filter((bytes) => bytes !== undefined)).toEqual([300_000]);
});

test("a refused probe doubles the delay, up to the maximum, and reports a new reason once", async () => {
  await destinations.block(PLACE, FULL);
  const waits: number[] = [];
  for (const reason of ["full", "denied", "denied"] as const) {
    const isNews = await destinations.refuse(PLACE, { reason, message: reason });
    expect(isNews).toBe(reason === "denied" && waits.length === 1);
    waits.push(((await destinations.read())[0]?.nextLookAt ?? 0) - Date.now());
  }
  expect(waits.map((ms) => Math.round(ms / FIRST_LOOK_MS))).toEqual([2, 4, 4]);
});

test("an unblocked destination is no longer blocked, and a relapse keeps its backoff", async () => {
  await destinations.block(PLACE, FULL);
  await destinations.refuse(PLACE, FULL);
  expect(await Promise.all([destinations.lift(PLACE), destinations.lift(PLACE)])).toEqual([true, false]);
  expect(await destinations.read()).toEqual([]);
  expect(await destinations.block(PLACE, FULL)).toBe(true);
  const [again] = await destinations.read();
  expect((again?.nextLookAt ?? 0) - Date.now()).toBeGreaterThan(3 * FIRST_LOOK_MS);
});

test("destinations that no live batch writes to are forgotten", async () => {
  await destinations.block(PLACE, FULL);
  await destinations.block({ url: PLACE.url, folder: "team/" }, FULL);
  await destinations.block({ url: "s3://studio/old/", folder: "" }, FULL);
  await destinations.retain(new Set([PLACE.url]));
  await until(async () => (await destinations.read()).length === 2, { what: "the old one to be gone" });
  expect(new Set((await destinations.read()).map(({ url }) => url))).toEqual(new Set([PLACE.url]));
});
