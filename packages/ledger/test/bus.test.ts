import { expect, test } from "vitest";
import { closeRedis, connectRedis } from "@darkroom/redis-kit";
import { testRedisUrl, until } from "@darkroom/testkit";
import { Bus } from "../src/index.ts";
import { openLedger } from "./open-ledger.ts";

test("a nudge reaches listeners for nudges, and not those for control messages", async () => {
  const { redis, namespace, close } = openLedger();
  const subscriber = connectRedis({ url: testRedisUrl(), name: "bus-test", onError: () => undefined });
  const bus = new Bus(redis, subscriber, namespace);
  const heard: string[] = [];
  await bus.onControl(({ type }) => heard.push(`control ${type}`));
  await bus.onNudge((lane) => heard.push(`nudge ${lane}`));
  await bus.nudge("a-lane");
  await bus.tell({ type: "batch-cancelled", batch: "a-batch" });
  await until(() => heard.length >= 2, { what: "both to be heard" });
  expect(heard).toEqual(["nudge a-lane", "control batch-cancelled"]);
  await Promise.all([closeRedis(subscriber), close()]);
});
