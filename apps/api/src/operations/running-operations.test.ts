import { expect, test } from "vitest";
import { DarkroomError } from "@darkroom/core";
import { closeRedis, connectRedis } from "@darkroom/redis-kit";
import { createLogger } from "@darkroom/runtime";
import { testNamespace, testRedisUrl, until } from "@darkroom/testkit";
import { OperationBook } from "./operation-book.ts";
import { viewOperation } from "./operation-view.ts";
import { LOST_AFTER_MS, RunningOperations, type Carry } from "./running-operations.ts";

const GIVEN = { tenant: "acme", batch: "01k", action: "approve", createdBy: "root", matched: 9, costUsd: 0 } as const;

async function run(carry: Carry) {
  const redis = connectRedis({ url: testRedisUrl(), name: "operations", onError: () => undefined });
  const book = new OperationBook(redis, testNamespace());
  let nowMs = 1_000_000;
  const running = new RunningOperations({
    book,
    log: createLogger({ level: "error", name: "api", destination: { write: () => true } }),
    nowMs: () => nowMs,
  });
  const { id } = await running.start(GIVEN, () => carry);
  return {
    running,
    read: async () => await book.read(id),
    view: async () => viewOperation((await book.read(id)) as never, nowMs),
    wait: (ms: number) => void (nowMs += ms),
    [Symbol.asyncDispose]: async () => {
      await running.close();
      await closeRedis(redis);
    },
  };
}

test("shows progress, then the end", async () => {
  let finish = (): void => undefined;
  await using operation = await run(async (report) => {
    report({ done: 4, counts: { recorded: 4 } });
    await new Promise<void>((resolve) => (finish = resolve));
    report({ done: 9 });
  });
  const first = await until(async () => ((await operation.view()).done === 4 ? await operation.view() : undefined), {
    what: "progress",
  });
  expect(first).toMatchObject({ state: "running", counts: { recorded: 4 }, matched: 9, endedAt: null });
  finish();
  await until(async () => (await operation.view()).state !== "running", { what: "the end" });
  expect(await operation.view()).toMatchObject({ state: "completed", done: 9, counts: { recorded: 4 } });
});

test("reports why it failed, and hides internal errors", async () => {
  await using refused = await run(async () => {
    throw new DarkroomError("conflict", "Others decide.");
  });
  await until(async () => (await refused.view()).state === "failed", { what: "the failure" });
  expect((await refused.view()).error).toEqual({ code: "conflict", detail: "Others decide." });
  await using broken = await run(async () => {
    throw new Error("password of a store");
  });
  await until(async () => (await broken.view()).state === "failed", { what: "the failure" });
  expect(JSON.stringify(await broken.read())).not.toContain("password");
});

test("is interrupted when its process sends no heartbeats, and reports so when its server stops", async () => {
  await using operation = await run(async (_report, signal) => {
    await new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("stopped"))));
  });
  operation.wait(LOST_AFTER_MS + 1);
  expect((await operation.view()).state).toBe("interrupted");
  await operation.running.close();
  expect(await operation.view()).toMatchObject({ state: "failed", error: { code: "overloaded" } });
});
