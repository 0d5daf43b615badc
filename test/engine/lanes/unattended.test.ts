import { once } from "node:events";
import type { BatchStatus } from "@darkroom/core";
import { until } from "@darkroom/testkit";
import { expect, onTestFinished, test } from "vitest";
import { startEngine } from "../kit/engine.ts";

const SECONDS = 60_000;

test("a batch names the missing processes, and ends once they are started", { timeout: SECONDS }, async () => {
  const engine = await startEngine({ workers: 0, producer: false });
  onTestFinished(() => engine.close());
  const status = async (id: string): Promise<BatchStatus> => {
    const answer = await fetch(`${engine.api.url}/v1/batches/${id}`);
    expect(answer.status).toBe(200);
    return (await answer.json()) as BatchStatus;
  };
  const before = Date.now();
  await engine.addPhotos(3);
  const id = await engine.submit();
  const { unattended } = await status(id);
  expect(unattended).toEqual({
    missing: ["producer", "worker"],
    lacks: [],
    since: null,
    message: "there is no producer, and no worker for its lane twin",
  });
  const producer = await engine.spawnProducer();
  await until(async () => (await status(id)).counts.queued === 3, { what: "the portraits to be queued" });
  expect((await status(id)).unattended).toEqual({
    missing: ["worker"],
    lacks: [],
    since: null,
    message: "there is no worker for its lane twin",
  });
  await engine.spawnWorker();
  expect((await status(id)).unattended).toBeNull();
  await engine.ended(id);
  producer.kill("SIGTERM");
  await once(producer, "exit");
  expect((await status(id)).unattended).toBeNull();
  const next = await engine.submit();
  await until(async () => (await status(next)).unattended !== null, { what: "the producer to be missed" });
  const { missing, since } = (await status(next)).unattended ?? {};
  expect(missing).toEqual(["producer"]);
  expect(Date.parse(since ?? "")).toBeGreaterThan(before);
});
