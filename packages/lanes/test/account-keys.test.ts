import { afterEach, beforeEach, expect, it } from "vitest";
import { closeRedis, connectRedis, type RedisConnection } from "@darkroom/redis-kit";
import { testNamespace, testRedisUrl } from "@darkroom/testkit";
import { Lane } from "../src/index.ts";

let redis: RedisConnection;
const lanes: Lane[] = [];
let open: (keyMark?: string) => Lane;

beforeEach(() => {
  const namespace = testNamespace();
  redis = connectRedis({ url: testRedisUrl(), name: "account-keys-test", onError: () => undefined });
  const connection = { redisUrl: testRedisUrl(), namespace, onError: () => undefined };
  open = (keyMark) => {
    const lane = new Lane(connection, redis, "each-sense", keyMark === undefined ? {} : { keyMark });
    lanes.push(lane);
    return lane;
  };
});
afterEach(async () => {
  for (const lane of lanes.splice(0)) await lane.close();
  await closeRedis(redis);
});

it("a key that was refused before it worked is known as such in every process", async () => {
  await open("wrong").block("auth", "the key is wrong");
  expect(await open().accountKeys.neverAccepted()).toEqual(["wrong"]);
});

it("a key that has worked stays known, also when it is refused later", async () => {
  const lane = open("old");
  await lane.accountKeys.noteAccepted();
  await lane.block("auth", "the key has expired");
  expect(await lane.accountKeys.neverAccepted()).toEqual([]);
});

it("a key that is accepted after a refusal has worked", async () => {
  const lane = open("new");
  await lane.block("auth", "not known yet");
  await lane.accountKeys.noteAccepted();
  expect(await lane.accountKeys.neverAccepted()).toEqual([]);
});

it("an empty balance and an outage are no evidence about the key", async () => {
  await open("a").block("balance", "top up");
  await open("b").block("outage", "no connection");
  expect(await open().accountKeys.neverAccepted()).toEqual([]);
});

it("a process without a key records nothing", async () => {
  const lane = open();
  await lane.block("auth", "the key is wrong");
  await lane.accountKeys.noteAccepted();
  expect(await lane.accountKeys.neverAccepted()).toEqual([]);
});

it.each([
  ["auth", true],
  ["balance", true],
  ["outage", false],
] as const)(
  "a lane that is blocked for %s is probed at once when a worker with the same key starts: %s",
  async (reason, isDue) => {
    const lane = open("key");
    await lane.block(reason, "no");
    expect(await lane.probeIfDue()).toBe(false);
    expect(await lane.serve(10)).toBe(false);
    expect(await lane.blocked()).toMatchObject({ reason });
    expect(await lane.probeIfDue()).toBe(isDue);
  },
);

it.each([
  ["auth", true],
  ["balance", false],
  ["outage", false],
] as const)("a lane that is blocked for %s is opened by a worker with another key: %s", async (reason, isOpened) => {
  await open("wrong").block(reason, "no");
  const mended = open("mended");
  expect(await mended.serve(10)).toBe(isOpened);
  expect((await mended.blocked()) === undefined).toBe(isOpened);
});
