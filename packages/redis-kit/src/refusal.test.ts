import { DarkroomError } from "@darkroom/core";
import { startRedis, until } from "@darkroom/testkit";
import { expect, test } from "vitest";
import { awaitRedis, closeRedis, connectRedis, type RedisConnection } from "./connect.ts";
import { refusalOf, saySeldom } from "./refusal.ts";
import { defineScript } from "./script.ts";

const write = defineScript("return redis.call('SET', KEYS[1], ARGV[1])");

test.each([
  ["OOM command not allowed when used memory > 'maxmemory'.", /is full: .*maxmemory/],
  ["READONLY You can't write against a read only replica.", /is read-only: REDIS_URL leads to a replica/],
  ["MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.", /is read-only/],
  ["MISCONF Errors writing to the AOF file: No space left on device", /cannot write its files/],
  ["NOREPLICAS Not enough good replicas to write.", /min-replicas-to-write/],
  ["BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.", /SLOWLOG GET/],
  [
    "ERR Error running script (call to f_1): @user_script:1: @user_script: 1: -OOM command not allowed when used memory > 'maxmemory'. ",
    /is full/,
  ],
])("%s becomes a sentence that says what to do", (said, sentence) => {
  const refusal = refusalOf(new Error(said));
  expect(refusal).toMatchObject({ code: "redis_unavailable", retryable: true });
  expect(refusal?.message).toMatch(sentence);
});

test.each([
  "ERR no OOM here",
  "BUSYGROUP Consumer Group name already exists",
  "WRONGTYPE Operation against a key",
  "OOMPH",
])("%s is not a refusal", (said) => {
  expect(refusalOf(new Error(said))).toBeUndefined();
});

test("reports the same sentence once a minute, and other sentences at once", () => {
  const said: string[] = [];
  let nowMs = 0;
  const say = saySeldom(
    (error) => said.push(error.message.slice(0, 14)),
    () => nowMs,
  );
  for (let turn = 0; turn < 1_000; turn += 1) say(new Error(`OOM command ${turn}`));
  say(new Error("another"));
  nowMs = 59_999;
  say(new Error("OOM"));
  expect(said).toEqual(["Redis is full:", "another"]);
  nowMs = 60_000;
  say(new Error("OOM"));
  expect(said).toEqual(["Redis is full:", "another", "Redis is full:"]);
});

test("a write to a full Redis waits for space, or fails if the caller asked for that", async () => {
  await using server = await startRedis();
  const told: Error[] = [];
  const onError = (error: Error): void => void told.push(error);
  const worker = connectRedis({ url: server.url, name: "worker", onError });
  const api = connectRedis({ url: server.url, name: "api", onError, whenRefused: "fail" });
  try {
    await worker.config("SET", "maxmemory", "1");
    const waiting = Promise.all([write.run(worker, ["a"], ["1"]), worker.set("b", "2"), worker.get("c")]);
    await until(() => told.length >= 2, { what: "both refusals" });
    await expect(write.run(api, ["d"], ["4"])).rejects.toMatchObject({
      code: "redis_unavailable",
      message: expect.stringContaining("Redis is full") as string,
    });
    expect(await api.get("a")).toBeNull();
    await api.config("SET", "maxmemory", "0");
    expect(await waiting).toEqual(["OK", "OK", null]);
    expect(await api.mget("a", "b", "d")).toEqual(["1", "2", null]);
    expect(told.every((error) => error instanceof DarkroomError)).toBe(true);
  } finally {
    await Promise.all([closeRedis(worker), closeRedis(api)]);
  }
});

test.each<[string, take: string[][], give: string[][]]>([
  [
    "a login",
    [
      ["CONFIG", "SET", "requirepass", "secret"],
      ["CLIENT", "KILL", "TYPE", "normal"],
    ],
    [["CONFIG", "SET", "requirepass", ""]],
  ],
  ["a permission", [["ACL", "SETUSER", "default", "-incr"]], [["ACL", "SETUSER", "default", "+@all"]]],
])(
  "a command whose permission was revoked waits for %s, or fails; one that was never permitted fails",
  async (_, take, give) => {
    await using server = await startRedis();
    const told: Error[] = [];
    const onError = (error: Error): void => void told.push(error);
    const connect = (name: string, whenRefused: "wait" | "fail") =>
      connectRedis({ url: server.url, name, onError, whenRefused });
    const [admin, worker, api] = [connect("admin", "wait"), connect("worker", "wait"), connect("api", "fail")];
    const stranger = connect("stranger", "wait");
    try {
      await Promise.all([worker.incr("paid"), api.incr("paid"), stranger.ping()]);
      for (const [command = "", ...args] of take) await admin.call(command, ...args);
      const paid = worker.incr("paid");
      const sentence = {
        code: "redis_unavailable",
        message: expect.stringContaining("that it accepted before") as string,
      };
      await expect(api.incr("paid")).rejects.toMatchObject(sentence);
      await expect(stranger.incr("paid")).rejects.toThrow(/NOAUTH|NOPERM/);
      await until(() => told.some((error) => error instanceof DarkroomError), { what: "the sentence" });
      for (const [command = "", ...args] of give) await admin.call(command, ...args);
      expect(await paid).toBe(3);
    } finally {
      await Promise.all([admin, worker, api, stranger].map(closeRedis));
    }
  },
);

/** A replica of a missing master is read-only, but answers. */
async function withReplica(
  use: (connect: (whenRefused: "wait" | "fail") => RedisConnection, admin: RedisConnection) => Promise<void>,
): Promise<void> {
  await using server = await startRedis();
  const open: RedisConnection[] = [];
  const connect = (whenRefused: "wait" | "fail"): RedisConnection => {
    const redis = connectRedis({ url: server.url, name: "test", onError: () => undefined, whenRefused });
    open.push(redis);
    return redis;
  };
  try {
    const admin = connect("wait");
    await admin.replicaof("127.0.0.1", 1);
    await use(connect, admin);
  } finally {
    await Promise.all(open.map(closeRedis));
  }
}

test("a caller that waits for an answer learns that Redis is read-only", async () => {
  await withReplica(async (connect) => {
    await expect(connect("fail").set("a", "1")).rejects.toMatchObject({
      code: "redis_unavailable",
      message: expect.stringContaining("Redis is read-only") as string,
    });
  });
});

test("commands of one tick that a read-only Redis refused are all sent once to the new master", async () => {
  await withReplica(async (connect, admin) => {
    const redis = connect("wait");
    await awaitRedis(redis, 5_000);
    const writes = Promise.all(Array.from({ length: 40 }, () => redis.incr("paid")));
    await until(async () => /cmdstat_incr:.*rejected_calls=[1-9]/.test(await admin.info("commandstats")), {
      what: "a refused write",
    });
    await admin.replicaof("NO", "ONE");
    expect((await writes).toSorted((a, b) => a - b)).toEqual(Array.from({ length: 40 }, (_, index) => index + 1));
  });
});
