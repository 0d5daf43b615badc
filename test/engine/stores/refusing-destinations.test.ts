import { execFileSync, spawnSync } from "node:child_process";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, test } from "vitest";
import type { BatchStatus, Submission } from "@darkroom/core";
import { Schedules } from "@darkroom/ledger";
import { testS3, until } from "@darkroom/testkit";
import { startEngine, type Engine, type EngineOptions } from "../kit/engine.ts";
import { runSchedule } from "../kit/run-schedule.ts";
import { startHttpFront } from "@darkroom/testkit";

const CONCURRENCY = 4;
/** Calls in flight when the first refusal is recognized, and those that begin before every process knows about it. */
const MOST_UNSTORED = 3 * CONCURRENCY;
const TIMEOUT = 90_000;

let engine: Engine;
const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
  await engine.close();
});

async function start(options: EngineOptions = {}): Promise<void> {
  engine = await startEngine({
    twin: { latencyMs: 100 },
    ...options,
    env: { DARKROOM_LANE_CONCURRENCY: String(CONCURRENCY), ...options.env },
  });
}

interface Refusal {
  readonly status: number;
  readonly code: string;
  /** Returns true if a PUT of this path is refused. */
  readonly of: (path: string) => boolean;
}

/** Starts an S3 server with a worker whose PUT requests are refused while `refusal` is set. */
async function startRefusing(): Promise<{ refusal: Refusal | undefined }> {
  const rules: { refusal: Refusal | undefined } = { refusal: undefined };
  const front = await startHttpFront(testS3().endpoint, {
    answers: ({ method, url = "" }, response) => {
      const { refusal } = rules;
      if (refusal === undefined || method !== "PUT" || !refusal.of(url)) return false;
      response.writeHead(refusal.status, { "content-type": "application/xml" });
      response.end(`<Error><Code>${refusal.code}</Code><Message>refused by this test</Message></Error>`);
      return true;
    },
  });
  undo.push(() => front.close());
  await start({ store: "s3", workers: 0 });
  await engine.spawnWorker({ AWS_ENDPOINT_URL_S3: front.url });
  return rules;
}

async function statusOf(id: string): Promise<BatchStatus> {
  return (await (await fetch(`${engine.api.url}/v1/batches/${id}`)).json()) as BatchStatus;
}

/** Waits until the batch reports a blocked destination and has nothing in flight. */
async function blocked(id: string): Promise<BatchStatus> {
  let status: BatchStatus | undefined;
  await until(
    async () => {
      status = await statusOf(id);
      return status.blocked?.what === "destination" && status.counts.running + status.counts.queued === 0;
    },
    { what: "a blocked destination with nothing under way", timeoutMs: 40_000 },
  ).catch((error: unknown) => {
    throw new Error(`${String(error)} ${JSON.stringify(status)}`);
  });
  if (status === undefined) throw new Error("no status");
  return status;
}

/** Must not run while something is being written to the folder. */
async function makeReadOnly(folder: string): Promise<void> {
  const tried = (): boolean => spawnSync("mount", ["-o", "remount,ro", folder]).status === 0;
  await until(tried, { what: "the folder to become read-only", timeoutMs: 20_000 });
}

const billed = (): number => engine.twin.ledger().billed;

/**
 * Starts a batch of 40 that is blocked after its fifth result. The number of paid results at that point is bounded and
 * shown.
 */
async function blockedInTheMiddle(refuse: () => unknown, submission: Partial<Submission> = {}) {
  await engine.addPhotos(40);
  const id = await engine.submit(submission);
  await engine.settledAtLeast(id, 5);
  await refuse();
  let status = await blocked(id);
  // A call that had begun may end after the block is known.
  const unstored = (): number => billed() - status.counts.succeeded;
  await until(
    async () => {
      status = await blocked(id);
      return status.unstored.portraits === unstored();
    },
    { what: "what is paid and not stored to be shown", timeoutMs: 20_000 },
  );
  expect(unstored()).toBeLessThanOrEqual(MOST_UNSTORED);
  return { id, status };
}

async function deliversAll(id: string): Promise<void> {
  const record = await engine.ended(id);
  expect(record.counts.succeeded).toBe(40);
  expect(billed()).toBe(40);
}

describe("a bucket", () => {
  test.each([
    { status: 503, code: "SlowDown", reason: "unavailable" },
    { status: 404, code: "NoSuchBucket", reason: "missing" },
    { status: 507, code: "XMinioStorageFull", reason: "full" },
  ])(
    "that answers $code midway stops its batch, and gets every result later",
    async (refused) => {
      const rules = await startRefusing();
      const { id, status } = await blockedInTheMiddle(() => {
        rules.refusal = { ...refused, of: (path) => path.includes("/out/") };
      });
      expect(status.blocked).toMatchObject({ reason: refused.reason });
      expect(status.waiting).toMatchObject([{ reason: "destination_blocked", count: 40 - status.counts.succeeded }]);
      rules.refusal = undefined;
      await deliversAll(id);
    },
    TIMEOUT,
  );

  test(
    "that accepts none of Darkroom's own files gets no paid call",
    async () => {
      const rules = await startRefusing();
      rules.refusal = { status: 403, code: "AccessDenied", of: (path) => path.includes("/out/_darkroom/") };
      await engine.addPhotos(3);
      const id = await engine.submit();
      expect((await blocked(id)).blocked).toMatchObject({ reason: "denied" });
      expect(billed()).toBe(0);
    },
    TIMEOUT,
  );

  test(
    "that refuses one folder gets all other results, and pays for none of that folder",
    async () => {
      const rules = await startRefusing();
      rules.refusal = { status: 403, code: "AccessDenied", of: (path) => path.includes("/out/half/design/") };
      const folders = ["half/design/", "half/sales/", "design/"];
      await engine.addPhotos(12, (index) => `${folders[index % 3] ?? ""}p${index}.jpg`);
      const id = await engine.submit();
      await engine.settledAtLeast(id, 8);
      let last = await statusOf(id);
      await until(
        async () => {
          last = await statusOf(id);
          return last.waiting[0]?.reason === "destination_blocked" && last.waiting[0].count === 4;
        },
        { what: "the four others to wait", timeoutMs: 20_000 },
      );
      const { counts, waiting } = last;
      expect(counts).toMatchObject({ succeeded: 8, failed: 0 });
      expect(waiting[0]).toMatchObject({
        count: 4,
        message: expect.stringMatching(/half\/design.*AccessDenied/) as string,
      });
      expect(billed()).toBe(8);
      rules.refusal = undefined;
      expect((await engine.ended(id)).counts.succeeded).toBe(12);
      expect(billed()).toBe(12);
    },
    TIMEOUT,
  );

  test(
    "that refuses a single key does not prevent others from being stored",
    async () => {
      const rules = await startRefusing();
      rules.refusal = { status: 403, code: "AccessDenied", of: (path) => path.includes("/out/p00002.jpg") };
      await engine.addPhotos(8);
      const id = await engine.submit();
      const record = await engine.ended(id);
      expect(record.counts).toMatchObject({ succeeded: 7, failed: 1 });
      expect((await engine.report(id))[2]).toMatchObject({ outcome: "storage_error", billed: "yes" });
      expect(billed()).toBe(8);
    },
    TIMEOUT,
  );
});

describe("a schedule's record", () => {
  test(
    "that cannot be written gets no paid call, because the next night would pay again",
    async () => {
      const rules = await startRefusing();
      rules.refusal = { status: 403, code: "AccessDenied", of: (path) => path.includes("/delivered/") };
      await engine.addPhotos(3);
      const schedules = new Schedules(engine.redis, engine.settings.redis.namespace);
      const recipe = { preset: "professional-polish", mode: "eco" } as const;
      await schedules.create({
        id: "nightly",
        cron: "0 2 1 1 *",
        timeZone: "UTC",
        createdAt: new Date().toISOString(),
        submission: { source: `${engine.root}in/`, destination: `${engine.root}out/`, recipe },
      });
      const id = await runSchedule(engine, "nightly");
      const status = await blocked(id);
      expect(status.blocked).toMatchObject({ reason: "denied", message: expect.stringMatching(/delivered/) as string });
      expect(billed()).toBe(0);
      rules.refusal = undefined;
      expect((await engine.ended(id)).counts.succeeded).toBe(3);
    },
    TIMEOUT,
  );
});

describe("a folder", () => {
  const out = (): string => fileURLToPath(new URL("out", engine.root));

  test(
    "that was replaced by a file stops its batch, and gets every result once it is back",
    async () => {
      await start();
      const { id, status } = await blockedInTheMiddle(async () => {
        await rename(out(), `${out()}.away`);
        await writeFile(out(), "a file");
      });
      expect(status.blocked).toMatchObject({ reason: "unusable" });
      await rm(out());
      await rename(`${out()}.away`, out());
      await deliversAll(id);
    },
    TIMEOUT,
  );

  test(
    "that becomes read-only stops its batch, and gets every result later",
    async () => {
      await start();
      await mkdir(out());
      execFileSync("mount", ["-t", "tmpfs", "tmpfs", out()]);
      undo.push(() => execFileSync("umount", ["-l", out()]));
      const { id, status } = await blockedInTheMiddle(() => makeReadOnly(out()));
      expect(status.blocked).toMatchObject({ reason: "denied", message: expect.stringMatching(/read-only/) as string });
      execFileSync("mount", ["-o", "remount,rw", out()]);
      await deliversAll(id);
    },
    TIMEOUT,
  );

  test(
    "that is full keeps pictures within the answer in their worker, and gets them later",
    async () => {
      await start({ phota: true, env: { PHOTA_RESPONSE_MODE: "bytes" } });
      await mkdir(out());
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=2m", "tmpfs", out()]);
      undo.push(() => execFileSync("umount", ["-l", out()]));
      await engine.addPhotos(40);
      const id = await engine.submit({ recipe: { provider: "phota", preset: "professional-polish" } });
      await engine.settledAtLeast(id, 3);
      await writeFile(`${out()}/ballast`, Buffer.alloc(2_000_000)).catch(() => undefined);
      await until(async () => (await statusOf(id)).blocked?.reason === "full", {
        what: "a full disk",
        timeoutMs: 30_000,
      });
      const { counts } = await statusOf(id);
      expect(billed() - counts.succeeded).toBeLessThanOrEqual(MOST_UNSTORED);
      await rm(`${out()}/ballast`);
      execFileSync("mount", ["-o", "remount,size=40m", out()]);
      await deliversAll(id);
    },
    TIMEOUT,
  );
});
