import { afterEach, describe, expect, it } from "vitest";
import type { BatchStatus } from "@darkroom/core";
import { until } from "@darkroom/testkit";
import { startEngine, type Engine } from "../kit/engine.ts";

let engine: Engine;
afterEach(async () => await engine.close());

const PRICES = { DARKROOM_PRICES: '{"each-sense":{"eco":0.05,"max":0.2}}' };
const RECIPE = { preset: "professional-polish", mode: "eco" };

/** Calls over real HTTP, like a user's program. */
async function call(
  method: "GET" | "POST",
  path: string,
  body?: unknown,
): Promise<{ status: number; body: BatchStatus }> {
  const response = await fetch(`${engine.api.url}/v1/batches${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
  });
  return { status: response.status, body: (await response.json()) as BatchStatus };
}

async function submit(more: Record<string, unknown>): Promise<string> {
  const submission = { source: `${engine.root}in/`, destination: `${engine.root}out/`, recipe: RECIPE, ...more };
  const { status, body } = await call("POST", "", submission);
  expect(status, JSON.stringify(body)).toBe(201);
  return body.id;
}

const statusOf = async (id: string): Promise<BatchStatus> => (await call("GET", `/${id}`)).body;
const paidFor = (): number => engine.twin.ledger().billed;

async function reaches(id: string, state: BatchStatus["state"]): Promise<BatchStatus> {
  await until(async () => (await statusOf(id)).state === state, {
    what: `the batch to be ${state}`,
    timeoutMs: 30_000,
  });
  return await statusOf(id);
}

describe("confirmation", () => {
  it("starts nothing before a user has confirmed the batch, and all of it afterwards", async () => {
    engine = await startEngine({ env: PRICES });
    await engine.addPhotos(12);
    const id = await submit({ confirm: true });
    const waiting = await reaches(id, "awaiting_confirmation");
    expect(waiting).toMatchObject({ counts: { total: 12, pending: 12 }, estimatedCostUsd: 0.6, costUsd: 0 });
    expect((await call("POST", `/${id}/approve`)).status).toBe(409);
    expect(paidFor()).toBe(0);
    expect((await call("POST", `/${id}/confirm`)).status).toBe(200);
    expect((await engine.ended(id)).counts.succeeded).toBe(12);
    expect(await statusOf(id)).toMatchObject({ state: "completed", costUsd: 0.6 });
  });
});

describe("the estimate", () => {
  it("before a confirmation includes the rows' own modes and prompts", async () => {
    engine = await startEngine({ env: PRICES });
    const [plain = "", dear = "", own = "", both = ""] = await engine.addPhotos(4);
    const rows = [
      { source: plain },
      { source: dear, mode: "max" },
      { source: own, prompt: "even, soft light" },
      { source: both, prompt: "even, soft light", mode: "max" },
      { source: "none.jpg", mode: "no such mode" },
    ];
    const steps = [{ preset: "skin-smoothing" }, { preset: "professional-polish" }];
    const recipe = { mode: "eco", steps };
    const order = { source: undefined, rows, baseUrl: `${engine.root}in/`, recipe, confirm: true, skipBadRows: true };
    const id = await submit(order);
    // Two steps in eco, two in max, one in eco, one in max.
    const waiting = await reaches(id, "awaiting_confirmation");
    expect(waiting).toMatchObject({ counts: { total: 5, failed: 1 }, estimatedCostUsd: 0.1 + 0.4 + 0.05 + 0.2 });
    await call("POST", `/${id}/confirm`);
    await engine.ended(id);
    expect(await statusOf(id)).toMatchObject({ costUsd: 0.75, estimatedCostUsd: 0.75 });
  });
});

describe("a pilot", () => {
  it("enhances that many portraits spread over the batch, then waits for approval", async () => {
    engine = await startEngine();
    await engine.addPhotos(40);
    const id = await submit({ pilot: 4 });
    const waiting = await reaches(id, "awaiting_approval");
    expect(waiting).toMatchObject({ pilot: 4, counts: { succeeded: 4, pending: 36, queued: 0, running: 0 } });
    expect(paidFor()).toBe(4);
    const done = await engine.ledger.indexesIn(id, 0, 40, ["succeeded"]);
    expect(done).toEqual([5, 15, 25, 35]);
    expect((await call("POST", `/${id}/approve`)).status).toBe(200);
    expect((await call("POST", `/${id}/approve`)).status).toBe(200);
    expect((await engine.ended(id)).counts.succeeded).toBe(40);
    expect(paidFor()).toBe(40);
  });

  it("replaces photos that were delivered before, so that the user sees new results", async () => {
    engine = await startEngine();
    await engine.addPhotos(20);
    // A pilot of two begins with these.
    await engine.ended(await submit({ include: ["p00005.jpg", "p00015.jpg"] }));
    const id = await submit({ pilot: 2 });
    const waiting = await reaches(id, "awaiting_approval");
    expect(waiting.counts).toMatchObject({ succeeded: 2, skipped: 2, pending: 16 });
    expect(paidFor()).toBe(4);
  });

  it("can be discarded with the batch", async () => {
    engine = await startEngine();
    await engine.addPhotos(20);
    const id = await submit({ pilot: 2 });
    await reaches(id, "awaiting_approval");
    await call("POST", `/${id}/cancel`);
    const record = await engine.ended(id);
    expect(record.counts).toMatchObject({ succeeded: 2, cancelled: 18 });
    expect(paidFor()).toBe(2);
  });
});

describe("a budget", () => {
  it("is never exceeded, and the batch resumes when it is raised", async () => {
    engine = await startEngine({ env: { ...PRICES, DARKROOM_LANE_CONCURRENCY: "8" }, twin: { latencyMs: 30 } });
    await engine.addPhotos(60);
    const id = await submit({ maxCostUsd: 1.5 });
    const paused = await reaches(id, "paused");
    expect(paused).toMatchObject({ pausedBy: "budget", maxCostUsd: 1.5, counts: { running: 0, queued: 0, failed: 0 } });
    expect(paused.reason).toContain("budget");
    expect(paused.costUsd).toBe(1.5);
    expect(paidFor()).toBe(30);
    expect((await call("POST", `/${id}/resume`)).status).toBe(409);
    expect((await call("POST", `/${id}/resume`, { maxCostUsd: 4 })).status).toBe(200);
    const record = await engine.ended(id);
    expect(record.counts.succeeded).toBe(60);
    expect(paidFor()).toBe(60);
  });

  it("of a manifest pays for as many rows as it really covers, once they are read", async () => {
    engine = await startEngine({ env: { ...PRICES, DARKROOM_LANE_CONCURRENCY: "8" }, twin: { latencyMs: 30 } });
    const rows = (await engine.addPhotos(60)).map((source) => ({ source }));
    const id = await submit({ source: undefined, rows, baseUrl: `${engine.root}in/`, maxCostUsd: 1.5 });
    const paused = await reaches(id, "paused");
    expect(paused).toMatchObject({ costUsd: 1.5, counts: { succeeded: 30, pending: 30 } });
    expect(paused.reason).toContain("to continue takes 0.05 USD more;");
  });

  it("pays for rows at their own prices, and reports the amount missing for the next one", async () => {
    engine = await startEngine({ env: { ...PRICES, DARKROOM_LANE_CONCURRENCY: "8" }, twin: { latencyMs: 30 } });
    const rows = (await engine.addPhotos(40)).map((source, at) => (at === 39 ? { source, mode: "max" } : { source }));
    const id = await submit({ source: undefined, rows, baseUrl: `${engine.root}in/`, maxCostUsd: 2 });
    const paused = await reaches(id, "paused");
    expect(paused).toMatchObject({ costUsd: 1.95, counts: { succeeded: 39, pending: 1 } });
    expect(paused.reason).toMatch(/^the budget: 1\.95 of 2\.00 USD are spent, and to continue takes 0\.15 USD more; /);
  });

  it("that is full ends portraits that never started as over_budget when the batch is cancelled", async () => {
    engine = await startEngine({ env: PRICES });
    await engine.addPhotos(30);
    const id = await submit({ maxCostUsd: 0.5 });
    await reaches(id, "paused");
    await call("POST", `/${id}/cancel`);
    const { failures, counts } = await engine.ended(id);
    expect(failures).toEqual({ over_budget: counts.cancelled });
    const lines = (await engine.report(id)).filter(({ outcome }) => outcome === "over_budget");
    expect(lines).toHaveLength(counts.cancelled);
    expect(lines.every(({ billed }) => billed === "no")).toBe(true);
  });

  it("is rejected if no price is known", async () => {
    engine = await startEngine();
    const submission = { source: `${engine.root}in/`, destination: `${engine.root}out/`, recipe: RECIPE };
    const { status, body } = await call("POST", "", { ...submission, maxCostUsd: 5 });
    expect(status).toBe(400);
    expect(JSON.stringify(body)).toContain("DARKROOM_PRICES");
  });
});

describe("the failure breaker", () => {
  it("pauses a batch whose portraits fail for one cause, and names the cause", async () => {
    engine = await startEngine({
      twin: { faults: [{ match: { call: 1 }, fault: "content_policy" }], latencyMs: 20 },
      env: { DARKROOM_LANE_CONCURRENCY: "4" },
    });
    await engine.addPhotos(100);
    const id = await submit({});
    const paused = await reaches(id, "paused");
    expect(paused.pausedBy).toBe("breaker");
    expect(paused.reason).toMatch(/10 of the last 10 portraits failed with content_policy/);
    await until(async () => (await statusOf(id)).counts.running === 0, { what: "what runs to end" });
    const { counts } = await statusOf(id);
    expect(counts.failed).toBeGreaterThanOrEqual(10);
    // The tenth failure pauses the batch. Only portraits in flight at that moment can fail afterwards.
    expect(counts.failed).toBeLessThanOrEqual(10 + 4);
    engine.twin.faults.clear();
    await call("POST", `/${id}/resume`);
    const record = await engine.ended(id);
    expect(record.counts).toMatchObject({ failed: counts.failed, succeeded: 100 - counts.failed });
  });

  it("ignores different causes and a few failures", async () => {
    engine = await startEngine({
      twin: { faults: [1, 2, 3, 4].map((n) => ({ match: { portrait: `p0000${n}` }, fault: "no_face" })) },
    });
    await engine.addPhotos(30);
    const id = await submit({ breaker: { minimum: 30, failurePercent: 50 } });
    expect((await engine.ended(id)).state).toMatch(/^completed/);
  });
});

describe("run windows", () => {
  const hour = (offset: number): string => {
    const now = new Date(Date.now() + offset * 3_600_000);
    return `${String(now.getUTCHours()).padStart(2, "0")}:00`;
  };

  it("start portraits only within their hours", async () => {
    engine = await startEngine();
    await engine.addPhotos(5);
    const shut = await submit({ between: `${hour(3)}-${hour(5)}`, timeZone: "UTC" });
    await until(async () => (await statusOf(shut)).ingested, { what: "the ingest" });
    const waiting = await statusOf(shut);
    expect(waiting).toMatchObject({
      state: "running",
      waiting: [{ reason: "window", count: 5 }],
      counts: { pending: 5 },
    });
    expect(Date.parse(waiting.waiting[0]?.nextLookAt ?? "") - Date.now()).toBeLessThan(4 * 3_600_000);
    const open = await submit({
      between: `${hour(-1)}-${hour(2)}`,
      timeZone: "UTC",
      destination: `${engine.root}open/`,
    });
    expect((await engine.ended(open)).counts.succeeded).toBe(5);
    // The closed batch has had every opportunity, because a later batch of the same lane has ended.
    expect((await statusOf(shut)).counts.pending).toBe(5);
    expect(paidFor()).toBe(5);
    await call("POST", `/${shut}/cancel`);
    await engine.ended(shut);
  });

  it("require a time zone", async () => {
    engine = await startEngine();
    const submission = { source: `${engine.root}in/`, destination: `${engine.root}out/`, recipe: RECIPE };
    const { status, body } = await call("POST", "", { ...submission, between: "22:00-06:00" });
    expect(status).toBe(400);
    expect(JSON.stringify(body)).toContain("timeZone");
  });
});

describe("a deadline", () => {
  it("stops portraits that have not started by then, and lets running portraits end", async () => {
    engine = await startEngine({ twin: { latencyMs: 1_500 }, env: { DARKROOM_LANE_CONCURRENCY: "4" } });
    await engine.addPhotos(30);
    const id = await submit({ deadline: new Date(Date.now() + 2_500).toISOString() });
    const record = await engine.ended(id);
    expect(record.state).toBe("cancelled");
    expect(record.reason).toContain("deadline");
    expect(record.counts.succeeded).toBeGreaterThanOrEqual(4);
    expect(record.counts.succeeded).toBeLessThanOrEqual(12);
    expect(record.failures).toEqual({ deadline_passed: 30 - record.counts.succeeded });
    expect(paidFor()).toBe(record.counts.succeeded);
    // If a user retries afterwards, all of them are processed.
    expect((await call("POST", `/${id}/retry`)).status).toBe(200);
    expect((await engine.ended(id)).counts.succeeded).toBe(30);
  });
});
