import { execFileSync } from "node:child_process";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { afterEach, expect, test } from "vitest";
import type { BatchStatus } from "@darkroom/core";
import { testS3, until } from "@darkroom/testkit";
import { startEngine, type Engine, type EngineOptions } from "../kit/engine.ts";
import { startHttpFront } from "@darkroom/testkit";

const CONCURRENCY = 4;
const PRICES = { DARKROOM_PRICES: '{"each-sense":{"eco":0.05,"max":0.2}}' };
/**
 * Calls in flight when the first refused result is recognized, plus an equal number that begin before every process
 * knows about the refusal.
 */
const MOST_UNSTORED = 3 * CONCURRENCY;

let engine: Engine;
const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
  await engine.close();
});

async function start(options: EngineOptions): Promise<void> {
  engine = await startEngine({
    twin: { latencyMs: 100 },
    ...options,
    env: { DARKROOM_LANE_CONCURRENCY: String(CONCURRENCY), ...PRICES, ...options.env },
  });
}

/** Starts a worker whose PUT requests go through a proxy that refuses those selected by `denies`. */
async function startDenying(denies: (path: string) => boolean): Promise<{ readonly rules: { on: boolean } }> {
  const rules = { on: true };
  const front = await startHttpFront(testS3().endpoint, {
    answers: ({ method, url = "" }, response) => {
      if (!rules.on || method !== "PUT" || !denies(url)) return false;
      response.writeHead(403, { "content-type": "application/xml" });
      response.end("<Error><Code>AccessDenied</Code><Message>not in this bucket</Message></Error>");
      return true;
    },
  });
  undo.push(() => front.close());
  await start({ store: "s3", workers: 0 });
  await engine.spawnWorker({ AWS_ENDPOINT_URL_S3: front.url });
  return { rules };
}

async function statusOf(id: string): Promise<BatchStatus> {
  return (await (await fetch(`${engine.api.url}/v1/batches/${id}`)).json()) as BatchStatus;
}

/** Waits until the batch reports a blocked destination and has nothing in flight. */
async function blockedAndStill(id: string): Promise<BatchStatus> {
  let status: BatchStatus | undefined;
  await until(
    async () => {
      status = await statusOf(id);
      return status.blocked?.what === "destination" && status.counts.running + status.counts.queued === 0;
    },
    { what: "a blocked destination with nothing under way", timeoutMs: 30_000 },
  ).catch((error: unknown) => {
    throw new Error(`${String(error)} ${JSON.stringify(status)}`);
  });
  if (status === undefined) throw new Error("no status");
  return status;
}

test("a batch whose results are refused midway stops paying, reports why, and stores what is paid later", async () => {
  const { rules } = await startDenying((path) => path.includes("/out/") && !path.includes("_darkroom"));
  rules.on = false;
  await engine.addPhotos(80);
  const id = await engine.submit();
  await engine.settledAtLeast(id, 5);
  rules.on = true;
  const { counts, blocked, unstored, costUsd } = await blockedAndStill(id);
  const { billed } = engine.twin.ledger();
  expect(blocked).toMatchObject({ what: "destination", reason: "denied" });
  expect(blocked?.message).toMatch(/AccessDenied/);
  expect(billed - counts.succeeded).toBeLessThanOrEqual(MOST_UNSTORED);
  expect(counts.pending).toBeGreaterThan(40);
  expect(unstored).toEqual({ portraits: counts.retrying, usd: expect.closeTo(counts.retrying * 0.05) as number });
  expect(costUsd).toBeCloseTo(billed * 0.05);
  rules.on = false;
  const record = await engine.ended(id);
  expect(record.counts.succeeded).toBe(80);
  expect(engine.twin.ledger().billed).toBe(80);
  expect(await statusOf(id)).toMatchObject({ blocked: null, unstored: { portraits: 0, usd: 0 } });
}, 90_000);

test("a destination that accepts Darkroom's own files but no results is detected before the first call", async () => {
  const { rules } = await startDenying((path) => path.includes("/out/") && !path.includes("_darkroom"));
  await engine.addPhotos(6);
  const id = await engine.submit();
  const { blocked, counts } = await blockedAndStill(id);
  expect(blocked).toMatchObject({ what: "destination", reason: "denied" });
  expect(counts.pending).toBe(6);
  expect(engine.twin.ledger()).toMatchObject({ billed: 0, calls: {} });
  rules.on = false;
  const record = await engine.ended(id);
  expect(record.counts.succeeded).toBe(6);
  expect(await engine.report(id)).toEqual(
    expect.arrayContaining([expect.objectContaining({ outcome: "ok", attempts: 1 }) as unknown]),
  );
}, 60_000);

test("waits for a full disk, and delivers all once there is space", async () => {
  await start({});
  const out = fileURLToPath(new URL("out", engine.root));
  await mkdir(out);
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=2m", "tmpfs", out]);
  undo.push(() => execFileSync("umount", ["-l", out]));
  await engine.addPhotos(60);
  const id = await engine.submit();
  await engine.settledAtLeast(id, 5);
  // Fills the rest of the disk, until the write fails with ENOSPC.
  await writeFile(`${out}/ballast`, Buffer.alloc(2_000_000)).catch(() => undefined);
  const { blocked, counts } = await blockedAndStill(id);
  expect(blocked).toMatchObject({ what: "destination", reason: "full" });
  expect(engine.twin.ledger().billed - counts.succeeded).toBeLessThanOrEqual(MOST_UNSTORED);
  await rm(`${out}/ballast`);
  execFileSync("mount", ["-o", "remount,size=40m", out]);
  const record = await engine.ended(id);
  expect(record.counts.succeeded).toBe(60);
  expect(engine.twin.ledger().billed).toBe(60);
}, 90_000);
