import { closeRedis, connectRedis } from "@darkroom/redis-kit";
import { startRedis, testNamespace, until } from "@darkroom/testkit";
import { expect, test } from "vitest";
import { FailoverDetector } from "../src/failover/failover-detector.ts";
import { sharedKeys } from "../src/keys.ts";
import { openLedger } from "./open-ledger.ts";

test("a Redis that was restarted may have forgotten what was there before, and nothing later", async () => {
  await using server = await startRedis();
  const namespace = testNamespace();
  const open = () => connectRedis({ url: server.url, name: "continuity-test", onError: () => undefined });
  const [redis, another] = [open(), open()];
  try {
    const continuity = new FailoverDetector(redis, namespace);
    await continuity.start();
    const before = new Date().toISOString();
    expect(await continuity.mayHaveForgotten(before)).toBe(false);
    expect(await continuity.settlingMs()).toBe(0);
    expect(await new FailoverDetector(another, namespace).mayHaveForgotten(before)).toBe(false);
    await server.restart();
    await until(() => continuity.mayHaveForgotten(before), { what: "the restart to be noticed" });
    expect(await continuity.mayHaveForgotten(new Date(Date.now() + 120_000).toISOString())).toBe(false);
    expect(await continuity.settlingMs()).toBeGreaterThan(0);
    expect(await continuity.settlingMs()).toBeLessThanOrEqual(6_000);
    // A process that connects only after the failover also detects it.
    expect(await new FailoverDetector(another, namespace).mayHaveForgotten(before)).toBe(true);
    // One machine has one clock, so a batch created after the restart is completely known.
    const after = new Date().toISOString();
    expect(await new FailoverDetector(another, namespace).mayHaveForgotten(after)).toBe(true);
    expect(await new FailoverDetector(another, namespace, 0).mayHaveForgotten(after)).toBe(false);
    expect(await new FailoverDetector(another, namespace, 0).mayHaveForgotten(before)).toBe(true);
    await until(async () => (await continuity.settlingMs()) === 0, { what: "the time to say it again to be over" });
    expect(await new FailoverDetector(another, namespace).settlingMs()).toBe(0);
  } finally {
    await Promise.all([closeRedis(redis), closeRedis(another)]);
  }
});

test("processes that come after a restart recorded by a clock far ahead wait no longer than others", async () => {
  const { redis, namespace, close } = openLedger();
  try {
    await new FailoverDetector(redis, namespace).start();
    await redis.hset(sharedKeys(namespace).run, "since", Date.now() + 3_600_000);
    const later = new FailoverDetector(redis, namespace);
    expect(await later.settlingMs()).toBeGreaterThan(0);
    await until(async () => (await later.settlingMs()) === 0, { what: "the wait to be over", timeoutMs: 15_000 });
  } finally {
    await close();
  }
});
