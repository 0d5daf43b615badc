import { afterEach, describe, expect, test } from "vitest";
import { mostUnstored, type BatchStatus, type Submission } from "@darkroom/core";
import { testS3, until } from "@darkroom/testkit";
import { startFailingCdn } from "../kit/failing-cdn.ts";
import { startEngine, type Engine, type EngineOptions } from "../kit/engine.ts";
import { startHttpFront } from "@darkroom/testkit";
import { postTo } from "../kit/post-to.ts";

/*
 * Stores that accept every probe and refuse results by name. No destination is blocked then, so unstored paid results
 * have a separate bound: the allowed number of them, plus those in flight when it is reached.
 */

const CONCURRENCY = 4;
const WORKERS = 2;
const PORTRAITS = 120;

const MOST_PAID = mostUnstored(CONCURRENCY) + CONCURRENCY * WORKERS;
const TIMEOUT = 120_000;

const FULL = { status: 507, code: "XMinioStorageFull" } as const;
const DENIED = { status: 403, code: "AccessDenied" } as const;

/** The default backoff, with which a portrait that was refused a few times waits for minutes. */
const SLOW = { DARKROOM_BACKOFF_BASE_MS: "15000", DARKROOM_BACKOFF_CAP_MS: "600000" };

let engine: Engine;
const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
  await engine.close();
});

interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly of: RegExp;
}

/** Starts an S3 server with workers whose PUT requests of some names are refused while `refusal` is set. */
async function startRefusing(refusal: Refusal, options: EngineOptions = {}, workers = WORKERS) {
  const rules: { refusal: Refusal | undefined; puts: number } = { refusal, puts: 0 };
  const front = await startHttpFront(testS3().endpoint, {
    answers: ({ method, url = "" }, response) => {
      const { refusal: now } = rules;
      if (now === undefined || method !== "PUT" || !now.of.test(url)) return false;
      rules.puts += 1;
      response.writeHead(now.status, { "content-type": "application/xml" });
      response.end(`<Error><Code>${now.code}</Code><Message>refused by this test</Message></Error>`);
      return true;
    },
  });
  undo.push(() => front.close());
  engine = await startEngine({
    store: "s3",
    workers: 0,
    ...options,
    twin: { latencyMs: 100, ...options.twin },
    env: { DARKROOM_LANE_CONCURRENCY: String(CONCURRENCY), ...options.env },
  });
  await Promise.all(Array.from({ length: workers }, () => engine.spawnWorker({ AWS_ENDPOINT_URL_S3: front.url })));
  return rules;
}

async function statusOf(id: string): Promise<BatchStatus> {
  return (await (await fetch(`${engine.api.url}/v1/batches/${id}`)).json()) as BatchStatus;
}

const billed = (): number => engine.twin.ledger().billed;

/**
 * Waits until the batch reports that it pays for nothing until earlier results are stored, and has nothing in flight.
 */
async function held(id: string, isAsWished: (status: BatchStatus) => boolean = () => true): Promise<BatchStatus> {
  let status: BatchStatus | undefined;
  await until(
    async () => {
      status = await statusOf(id);
      const { pending, queued } = status.counts;
      const own = status.waiting.find(({ reason }) => reason === "unstored_results");
      return queued === 0 && engine.twin.stats().running === 0 && own?.count === pending && isAsWished(status);
    },
    { what: "a batch that is held back", timeoutMs: 40_000 },
  ).catch((error: unknown) => {
    throw new Error(`${String(error)} ${billed()} ${JSON.stringify(status)}`);
  });
  if (status === undefined) throw new Error("no status");
  return status;
}

/** Returns the number of portraits that are held back according to the producer's metrics. */
async function waitingInMetrics(): Promise<number | undefined> {
  const { values } = await engine.producerMetrics.portraitsWaiting.get();
  return values.find(({ labels }) => labels.reason === "unstored_results")?.value;
}

const TWO_PICTURES: Submission["recipe"] = {
  provider: "phota",
  preset: "professional-polish",
  output: { variations: 2 },
};

describe("results that are refused by name", () => {
  test.each<{ what: string; of: RegExp; submission: Partial<Submission>; options: EngineOptions }>([
    { what: "of each::sense", of: /\/out\/p\d+\.jpg/, submission: {}, options: { env: SLOW } },
    {
      what: "of Phota",
      of: /\/out\/p\d+\.jpg/,
      submission: { recipe: { provider: "phota", preset: "professional-polish" } },
      options: { phota: true },
    },
    {
      what: "that are variations",
      of: /\/out\/p\d+-2\.jpg/,
      submission: { recipe: TWO_PICTURES },
      options: { phota: true },
    },
  ])(
    "$what hold their batch back, and are all stored once they can be, none paid twice",
    async ({ of, submission, options }) => {
      const rules = await startRefusing({ ...FULL, of }, options);
      await engine.addPhotos(PORTRAITS);
      const id = await engine.submit(submission);
      // A portrait that was just claimed is neither paid nor pending.
      const status = await held(id, ({ counts }) => counts.pending === PORTRAITS - billed());
      const paid = billed();
      expect(paid).toBeGreaterThan(mostUnstored(CONCURRENCY));
      expect(paid).toBeLessThanOrEqual(MOST_PAID);
      expect(status).toMatchObject({ blocked: null, state: "running" });
      expect(status.counts.pending).toBe(PORTRAITS - paid);
      expect(status.waiting).toContainEqual({
        reason: "unstored_results",
        count: PORTRAITS - paid,
        nextLookAt: null,
        endsWhen: "earlier paid results of the batch are stored",
        message: expect.stringMatching(/paid results could not be fetched or stored/) as string,
      });
      const last = `${engine.api.url}/v1/batches/${id}/portraits/${PORTRAITS - 1}`;
      expect(await (await fetch(last)).json()).toMatchObject({ wait: { reason: "unstored_results" } });
      await until(async () => (await waitingInMetrics()) === PORTRAITS - paid, { what: "the metric" });
      rules.refusal = undefined;
      const since = performance.now();
      await until(() => billed() > paid, { what: "the batch to go on", timeoutMs: 15_000 });
      expect(performance.now() - since).toBeLessThan(10_000);
      const record = await engine.ended(id);
      expect(record.counts.succeeded).toBe(PORTRAITS);
      expect(billed()).toBe(PORTRAITS);
      const lines = await engine.report(id);
      expect(new Set(lines.map(({ attempts }) => attempts))).toEqual(new Set([1]));
    },
    TIMEOUT,
  );

  test(
    "delay no other batch of the lane, and a cancel ends theirs",
    async () => {
      await startRefusing({ ...FULL, of: /\/out\/p\d+\.jpg/ });
      await engine.addPhotos(PORTRAITS);
      const id = await engine.submit();
      await held(id);
      const other = await engine.submit({ destination: `${engine.root}elsewhere/`, source: `${engine.root}in/` });
      expect((await engine.ended(other)).counts.succeeded).toBe(PORTRAITS);
      const paid = billed() - PORTRAITS;
      expect(paid).toBeLessThanOrEqual(MOST_PAID);
      await postTo(engine, `/batches/${id}/cancel`);
      const { counts } = await engine.ended(id, 30_000);
      expect(counts.cancelled + counts.failed).toBe(PORTRAITS);
      expect(billed() - PORTRAITS).toBe(paid);
    },
    TIMEOUT,
  );

  test.each<{ what: string; submission: Partial<Submission>; options: EngineOptions }>([
    { what: "with links to them", submission: {}, options: {} },
    {
      what: "that came within the answer",
      submission: { recipe: { provider: "phota", preset: "professional-polish" } },
      options: { phota: true, env: { PHOTA_RESPONSE_MODE: "bytes" } },
    },
  ])(
    "for good, $what, pause the batch, and a retry pays for none twice",
    async ({ submission, options }) => {
      const rules = await startRefusing({ ...DENIED, of: /\/out\/p\d+\.jpg/ }, options);
      await engine.addPhotos(PORTRAITS);
      const id = await engine.submit(submission);
      await until(async () => (await statusOf(id)).state === "paused", { what: "the breaker", timeoutMs: 40_000 });
      await until(
        async () => {
          const { counts } = await statusOf(id);
          return counts.queued + counts.running + counts.retrying === 0;
        },
        { what: "what ran to end", timeoutMs: 30_000 },
      );
      const { counts, reason } = await statusOf(id);
      const paid = billed();
      expect(reason).toMatch(/storage_error/);
      expect(paid).toBeLessThanOrEqual(10 + MOST_PAID);
      rules.refusal = undefined;
      await postTo(engine, `/batches/${id}/resume`);
      expect((await engine.ended(id)).counts).toMatchObject({ succeeded: PORTRAITS - counts.failed });
      await postTo(engine, `/batches/${id}/retry`);
      await until(async () => (await engine.ledger.read(id))?.counts.succeeded === PORTRAITS, {
        what: "the retry",
        timeoutMs: 30_000,
      });
      expect(billed()).toBe(PORTRAITS);
    },
    TIMEOUT,
  );
});

test(
  "results that cannot be fetched hold their batch back, and all are stored once they can be",
  async () => {
    const cdn = await startFailingCdn();
    undo.push(() => cdn.close());
    engine = await startEngine({
      twin: { latencyMs: 100 },
      env: { DARKROOM_LANE_CONCURRENCY: String(CONCURRENCY), EACHLABS_BASE_URL: cdn.url },
      workers: WORKERS,
    });
    cdn.passTo(engine.twin.url);
    await engine.addPhotos(PORTRAITS);
    const id = await engine.submit();
    const { waiting } = await held(id);
    expect(waiting.map(({ reason }) => reason)).toContain("result");
    expect(billed()).toBeLessThanOrEqual(MOST_PAID);
    cdn.recover();
    expect((await engine.ended(id)).counts.succeeded).toBe(PORTRAITS);
    expect(billed()).toBe(PORTRAITS);
  },
  TIMEOUT,
);

test(
  "unreadable photos do not count, because they are not paid",
  async () => {
    let refuses = true;
    const front = await startHttpFront(testS3().endpoint, {
      answers: ({ method, url = "" }, response) => {
        if (!refuses || method !== "GET" || !/\/in\/p000[0-4]\d/.test(url)) return false;
        response.writeHead(507, { "content-type": "application/xml" });
        response.end("<Error><Code>XMinioStorageFull</Code><Message>refused by this test</Message></Error>");
        return true;
      },
    });
    undo.push(() => front.close());
    engine = await startEngine({
      store: "s3",
      workers: 0,
      twin: { latencyMs: 100 },
      env: { DARKROOM_LANE_CONCURRENCY: String(CONCURRENCY), DARKROOM_ATTEMPTS: "50", DARKROOM_BREAKER: "false" },
    });
    await engine.spawnWorker({ AWS_ENDPOINT_URL_S3: front.url });
    await engine.addPhotos(PORTRAITS);
    const id = await engine.submit();
    const reasons = new Set<string>();
    await until(
      async () => {
        const { counts, waiting } = await statusOf(id);
        for (const { reason } of waiting) reasons.add(reason);
        return counts.succeeded === PORTRAITS - 50;
      },
      { what: "those that can be read", timeoutMs: 60_000 },
    );
    expect(reasons).toContain("storage");
    expect(reasons).not.toContain("unstored_results");
    refuses = false;
    const { counts } = await engine.ended(id);
    expect(billed()).toBe(counts.succeeded);
  },
  TIMEOUT,
);

test(
  "names that a local folder cannot represent are found before anything is paid, and stop their batch",
  async () => {
    engine = await startEngine({
      twin: { latencyMs: 100 },
      env: { DARKROOM_LANE_CONCURRENCY: String(CONCURRENCY) },
      workers: WORKERS,
    });
    const photos = await engine.addPhotos(PORTRAITS);
    // Creates a folder with the name of each result.
    await Promise.all(photos.map(async (key) => engine.results.put(`${key}/notes.txt`, Buffer.from("x"))));
    const id = await engine.submit();
    await until(async () => (await statusOf(id)).state === "paused", { what: "the breaker", timeoutMs: 40_000 });
    expect((await statusOf(id)).reason).toMatch(/storage_error/);
    expect(billed()).toBe(0);
  },
  TIMEOUT,
);

test(
  "many refused folders are found before they are paid for, except for the running calls",
  async () => {
    const rules = await startRefusing({ ...DENIED, of: /\/out\/f(?:0[7-9]|1)\d/ }, {}, 1);
    await engine.addPhotos(PORTRAITS, (index) => `f${String(index).padStart(3, "0")}/anna.jpg`);
    const id = await engine.submit();
    await until(
      async () => {
        const { counts } = await statusOf(id);
        return counts.succeeded === 70 && counts.pending + counts.queued + counts.running === 0;
      },
      { what: "all others to be stored", timeoutMs: 60_000 },
    );
    expect(billed() - 70).toBeLessThanOrEqual(CONCURRENCY);
    rules.refusal = undefined;
    expect((await engine.ended(id)).counts.succeeded).toBe(PORTRAITS);
    expect(billed()).toBe(PORTRAITS);
  },
  TIMEOUT,
);
