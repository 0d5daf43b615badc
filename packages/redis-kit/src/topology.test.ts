import { startCluster, startSentinels, until } from "@darkroom/testkit";
import { expect, test } from "vitest";
import { awaitRedis, closeRedis, connectRedis, mastersOf } from "./connect.ts";
import { defineScript } from "./script.ts";
import { checkRedis } from "./suitability.ts";

const LONG = { timeout: 90_000 };
const count = defineScript("return redis.call('INCRBY', KEYS[1], ARGV[1])");

test("Sentinels lead to the master and, after a failover, to its successor", LONG, async () => {
  await using stack = await startSentinels();
  const redis = connectRedis({ url: stack.url, name: "topology-test", onError: () => undefined });
  try {
    await awaitRedis(redis, 10_000);
    expect(await checkRedis(redis)).toEqual([]);
    await count.run(redis, ["paid"], [1]);
    await redis.wait(2, 5_000);
    process.kill(stack.servers[0]?.pid ?? 0, "SIGKILL");
    // Many at once, so that some are in flight when the connection ends.
    await Promise.all(Array.from({ length: 50 }, () => count.run(redis, ["paid"], [1])));
    expect(Number(await redis.get("paid"))).toBeGreaterThanOrEqual(51);
  } finally {
    await closeRedis(redis);
  }
});

test("a frozen Sentinel delays no one: the next one is asked", LONG, async () => {
  await using stack = await startSentinels();
  const first = stack.sentinels[0]?.pid ?? 0;
  process.kill(first, "SIGSTOP");
  const redis = connectRedis({ url: stack.url, name: "topology-test", onError: () => undefined });
  try {
    await awaitRedis(redis, 15_000);
    expect(await redis.set("paid", "1")).toBe("OK");
  } finally {
    process.kill(first, "SIGCONT");
    await closeRedis(redis);
  }
});

test("reads and writes every slot of a cluster, and checks every master", LONG, async () => {
  await using cluster = await startCluster();
  const redis = connectRedis({ url: cluster.url, name: "topology-test", onError: () => undefined });
  try {
    await awaitRedis(redis, 10_000);
    expect(await checkRedis(redis)).toEqual([]);
    const keys = Array.from({ length: 100 }, (_, index) => `key-${index}`);
    await Promise.all(keys.map((key) => count.run(redis, [key], [2])));
    expect(await Promise.all(keys.map((key) => redis.get(key)))).toEqual(keys.map(() => "2"));
    const third = connectRedis({
      url: `redis://127.0.0.1:${cluster.masters[2]?.port}`,
      name: "one",
      onError: () => undefined,
    });
    await third.config("SET", "appendonly", "no");
    await closeRedis(third);
    await expect(checkRedis(redis)).rejects.toThrow(
      `at 127.0.0.1:${cluster.masters[2]?.port}: appendonly is "no" and must be "yes"`,
    );
  } finally {
    await closeRedis(redis);
  }
});

test("commands to a dead cluster master wait until its replica takes over", LONG, async () => {
  await using cluster = await startCluster({ replicas: true });
  const redis = connectRedis({ url: cluster.url, name: "topology-test", onError: () => undefined });
  try {
    await awaitRedis(redis, 10_000);
    const keys = Array.from({ length: 60 }, (_, index) => `key-${index}`);
    await Promise.all(keys.map((key) => count.run(redis, [key], [1])));
    // Data that the master acknowledged but its replica had not received is lost.
    const followed = await Promise.all(mastersOf(redis).map((master) => master.wait(1, 5_000)));
    expect(followed).toEqual([1, 1, 1]);
    process.kill(cluster.masters[0]?.pid ?? 0, "SIGKILL");
    await Promise.all(keys.map((key) => count.run(redis, [key], [10])));
    const values = await Promise.all(keys.map((key) => redis.get(key)));
    expect(values.filter((value) => Number(value) < 11)).toEqual([]);
  } finally {
    await closeRedis(redis);
  }
});

test("commands wait until the whole cluster comes back", LONG, async () => {
  await using cluster = await startCluster();
  const redis = connectRedis({ url: cluster.url, name: "topology-test", onError: () => undefined });
  try {
    await awaitRedis(redis, 10_000);
    for (const { pid } of cluster.masters) process.kill(pid, "SIGSTOP");
    const writes = Promise.all(Array.from({ length: 30 }, (_, index) => redis.incr(`key-${index}`)));
    for (const { pid } of cluster.masters) process.kill(pid, "SIGCONT");
    expect(await writes).toEqual(Array.from({ length: 30 }, () => 1));
  } finally {
    await closeRedis(redis);
  }
});

test("commands in flight are sent again when every connection to a cluster is lost", LONG, async () => {
  await using cluster = await startCluster();
  const redis = connectRedis({ url: cluster.url, name: "topology-test", onError: () => undefined });
  try {
    await awaitRedis(redis, 10_000);
    const giver = connectRedis({ url: cluster.url, name: "giver", onError: () => undefined });
    await awaitRedis(giver, 10_000);
    const waiting = redis.blpop("list", 0);
    const blocked = async (): Promise<boolean> => {
      const infos = await Promise.all(mastersOf(giver).map((node) => node.info("clients")));
      return infos.some((info) => info.includes("blocked_clients:1"));
    };
    await until(blocked, { what: "the command to be in flight" });
    redis.disconnect(true);
    let answered = false;
    void waiting.finally(() => (answered = true));
    // The server may not have noticed yet that the connection is lost, and may send the first element to that
    // connection.
    await until(async () => (answered ? true : (await giver.lpush("list", "given"), false)), {
      what: "the command to be answered",
      timeoutMs: 30_000,
    });
    await closeRedis(giver);
    expect(await waiting).toEqual(["list", "given"]);
  } finally {
    await closeRedis(redis);
  }
});

test("an unreachable cluster is reported by its nodes, without the password", LONG, async () => {
  const redis = connectRedis({
    url: "redis+cluster://user:hunter2@127.0.0.1:1,127.0.0.1:2",
    name: "topology-test",
    onError: () => undefined,
  });
  await expect(awaitRedis(redis, 700)).rejects.toMatchObject({
    code: "redis_unavailable",
    message: expect.stringContaining(
      "The Redis cluster at 127.0.0.1:1, 127.0.0.1:2 cannot be used: no answer. Check",
    ) as string,
  });
  await closeRedis(redis);
  await until(() => redis.status === "end", { what: "the end of the connection" });
});
