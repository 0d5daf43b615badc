import { closeRedis, connectRedis } from "@darkroom/redis-kit";
import { startRedis, testNamespace } from "@darkroom/testkit";
import { expect, test } from "vitest";
import { ledgerMarks } from "../src/failover/ledger-mark.ts";

test("recognizes a ledger that was emptied or restarted, and mistakes no other one for it", async () => {
  await using server = await startRedis();
  await using another = await startRedis();
  const namespace = testNamespace();
  const open = (url: string) => connectRedis({ url, name: "ledger-mark-test", onError: () => undefined });
  const [redis, other] = [open(server.url), open(another.url)];
  const shared = async (before: readonly string[], marks: Promise<readonly string[]>): Promise<number> =>
    (await marks).filter((mark) => before.includes(mark)).length;
  try {
    const first = await ledgerMarks(redis, namespace);
    expect(await shared(first, ledgerMarks(redis, namespace))).toBe(2);
    expect(await shared(first, ledgerMarks(redis, testNamespace()))).toBe(0);
    expect(await shared(first, ledgerMarks(other, namespace))).toBe(0);
    await server.restart();
    expect(await shared(first, ledgerMarks(redis, namespace))).toBe(1);
    const second = await ledgerMarks(redis, namespace);
    await redis.flushall();
    expect(await shared(second, ledgerMarks(redis, namespace))).toBe(1);
  } finally {
    await Promise.all([closeRedis(redis), closeRedis(other)]);
  }
});
