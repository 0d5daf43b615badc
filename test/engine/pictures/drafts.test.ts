import { once } from "node:events";
import { describe, expect, it, type TestContext } from "vitest";
import { Lane } from "@darkroom/lanes";
import { until } from "@darkroom/testkit";
import { startTwin, type FaultInput } from "@darkroom/twin";
import { startEngine, type Engine, type EngineOptions } from "../kit/engine.ts";
import { killAt, outputOf } from "../kit/kill-at.ts";
import { startRefusingFront } from "@darkroom/testkit";

/** Starts an engine that closes when its test has ended, because the tests run in parallel. */
async function start({ onTestFinished }: TestContext, options: EngineOptions): Promise<Engine> {
  const engine = await startEngine(options);
  onTestFinished(() => engine.close());
  return engine;
}

/** A draft, followed much later in the same stream by the final picture. */
const DRAFT: FaultInput = { kind: "drafts", drafts: 1, apartMs: 5_000 };

/** Starts one portrait whose draft has been written to its receipt. */
async function withDraft(test: TestContext, env: Readonly<Record<string, string>>, latencyMs = 5) {
  const running = await start(test, { workers: 0, twin: { latencyMs, faults: [{ fault: DRAFT }] }, env });
  await running.addPhotos(1);
  const worker = await running.spawnWorker();
  const batch = await running.submit();
  await until(async () => (await running.ledger.receipt(batch, 0))?.calls[0]?.outputs, {
    what: "the draft in the receipt",
    timeoutMs: 30_000,
  });
  return { running, worker, batch };
}

/** Returns the portrait's end, and whether the fetched picture is the only billed one. */
async function endOf(running: Engine, batch: string, twin = running.twin) {
  await running.ended(batch);
  const { outcome, billed, attempts } = (await running.report(batch))[0] ?? {};
  await until(() => twin.stats().running === 0, { what: "the provider to be done" });
  const { bills, calls } = twin.ledger();
  return {
    end: `${String(outcome)} ${String(billed)} ${String(attempts)}`,
    calls: Object.values(calls).flat().length,
    fetched: bills.map(({ delivered }) => delivered),
  };
}

const LAST_PICTURE = { end: "ok yes 1", calls: 1, fetched: [true] };

describe.concurrent("a draft is not used as the result", () => {
  it("when its worker is told to stop before the last picture", { timeout: 120_000 }, async (test) => {
    const { running, worker, batch } = await withDraft(test, { DARKROOM_GRACE_MS: "200" });
    const gone = once(worker, "exit");
    worker.kill("SIGTERM");
    await gone;
    await running.spawnWorker();
    expect(await endOf(running, batch)).toEqual(LAST_PICTURE);
  });

  it("when its worker is killed before the last picture", { timeout: 240_000 }, async () => {
    const { atDeath, ledger, line } = await killAt(
      {
        when: "the draft recorded, the last picture not made yet",
        redis: { at: outputOf(0), carriedOut: true },
        twin: { faults: [{ fault: DRAFT }] },
      },
      { preset: "professional-polish", mode: "eco" },
    );
    expect(atDeath.billed).toBe(0);
    expect(line).toMatchObject({ outcome: "ok", billed: "yes", attempts: 1 });
    expect(ledger.bills.map(({ delivered }) => delivered)).toEqual([true]);
    expect(Object.values(ledger.calls).flat()).toHaveLength(1);
  });

  it("when the stream is aborted for its silence between the two", { timeout: 120_000 }, async (test) => {
    const { running, batch } = await withDraft(test, { DARKROOM_IDLE_MS: "500" });
    expect(await endOf(running, batch)).toEqual(LAST_PICTURE);
  });

  it("when the deadline passes between the two", { timeout: 120_000 }, async (test) => {
    const { running, batch } = await withDraft(test, { DARKROOM_IDLE_MS: "8000", DARKROOM_DEADLINE_MS: "8000" }, 6_000);
    expect(await endOf(running, batch)).toEqual(LAST_PICTURE);
  });
});

/**
 * Starts a portrait whose worker was stopped after the draft. The last picture is made, and is not recalled until the
 * time limit has passed.
 */
async function withOldDraft(test: TestContext) {
  const twin = await startTwin({ latencyMs: 5, work: "light", faults: [{ fault: DRAFT }] });
  test.onTestFinished(() => twin.close());
  const front = await startRefusingFront(twin.url);
  test.onTestFinished(() => front.close());
  const patienceMs = 5_000;
  const { running, worker, batch } = await withDraft(test, {
    EACHLABS_BASE_URL: front.url,
    EACHLABS_API_KEY: twin.apiKey,
    DARKROOM_DEADLINE_MS: String(patienceMs),
    DARKROOM_GRACE_MS: "200",
  });
  const gone = once(worker, "exit");
  worker.kill("SIGTERM");
  await gone;
  await until(() => twin.stats().running === 0, { what: "the last picture" });
  const { at: seenAt = 0 } = (await running.ledger.receipt(batch, 0))?.calls[0]?.outputs ?? {};
  await until(() => Date.now() - seenAt > patienceMs, { what: "the patience to be over" });
  const looked = (times: number) =>
    until(async () => front.refused.length >= times || (await running.ledger.read(batch))?.endedAt !== undefined, {
      what: `${times} looks into the memory`,
      timeoutMs: 60_000,
    });
  return { twin, front, running, batch, looked };
}

describe.concurrent("a draft that was seen long ago", () => {
  it.for([
    ["fails", 503],
    ["refuses the key", 401],
  ] as const)("is not used as the result when the memory %s once", { timeout: 120_000 }, async (fault, test) => {
    const { twin, front, running, batch, looked } = await withOldDraft(test);
    front.refuse(fault[1], "GET /memory");
    await running.spawnWorker();
    await looked(1);
    front.pass();
    expect(await endOf(running, batch, twin)).toEqual(LAST_PICTURE);
  });

  it("is not used as the result while its lane is blocked", { timeout: 120_000 }, async (test) => {
    const { twin, front, running, batch, looked } = await withOldDraft(test);
    const connection = { redisUrl: running.env["REDIS_URL"] ?? "", access: {}, onError: () => undefined };
    const lane = new Lane({ ...connection, namespace: running.settings.redis.namespace }, running.redis, "twin", {
      firstProbeMs: 200,
    });
    test.onTestFinished(() => lane.close());
    await lane.block("outage", "the provider is away");
    front.refuse(503, "GET /memory");
    await running.spawnWorker();
    await looked(30);
    front.pass();
    expect(await endOf(running, batch, twin)).toEqual(LAST_PICTURE);
  });

  it("is the result if the memory stays silent, and nothing is paid again", { timeout: 120_000 }, async (test) => {
    const { twin, front, running, batch } = await withOldDraft(test);
    front.refuse(503, "GET /memory");
    await running.spawnWorker();
    expect(await endOf(running, batch, twin)).toEqual({ ...LAST_PICTURE, fetched: [false] });
    expect(front.refused.length).toBeGreaterThan(10);
  });
});

const LIMIT = { kind: "error_event", message: "Slow down", error_code: "RATE_LIMITED", retry_after: 0.1 } as const;

/**
 * The provider also remembers a refused call, and the session is not deleted after it. The session therefore contains
 * more exchanges than were counted when the last step is called.
 */
async function lastOf(test: TestContext, steps: readonly string[], last: FaultInput, lastMs: number) {
  const lastCall = steps.length + 1;
  const twin = await startTwin({
    latencyMs: ({ call }) => (call === lastCall ? lastMs : 5),
    work: "light",
    faults: [
      { match: { call: 1 }, fault: LIMIT },
      { match: { call: lastCall }, fault: last },
    ],
  });
  test.onTestFinished(() => twin.close());
  const front = await startRefusingFront(twin.url);
  test.onTestFinished(() => front.close());
  front.refuse(503, "DELETE");
  const env = { EACHLABS_BASE_URL: front.url, EACHLABS_API_KEY: twin.apiKey, DARKROOM_IDLE_MS: "500" };
  const engine = await start(test, { env });
  await engine.addPhotos(1);
  const batch = await engine.submit({ recipe: { steps: steps.map((prompt) => ({ prompt })), mode: "eco" } });
  const end = await endOf({ ...engine, twin }, batch);
  expect(front.refused.length).toBeGreaterThan(0);
  return end;
}

const SILENT: FaultInput = { kind: "silence", afterEvents: 3 };
const STEPS = ["Warmer light.", "Softer skin."];

describe.concurrent("does not mistake another exchange of the session for the lost one", () => {
  it.for<[string, readonly string[], FaultInput, number]>([
    ["of the second step falls silent after a draft", STEPS, DRAFT, 5],
    ["of the second step falls silent before a picture was shown", STEPS, SILENT, 4_000],
    ["of the only step falls silent after a draft", STEPS.slice(0, 1), DRAFT, 5],
  ])("when the stream %s", { timeout: 120_000 }, async ([, steps, fault, lastMs], test) => {
    expect(await lastOf(test, steps, fault, lastMs)).toMatchObject({
      end: expect.stringMatching(/^ok yes/) as string,
      fetched: steps.map((_, step) => step === steps.length - 1),
    });
  });
});

/**
 * Starts a portrait of two steps. The first call of the second step is refused, and the next call is lost. The portrait
 * then waits for the lane's only slot, which another portrait occupies for longer than the lost call takes.
 */
async function lostAfterRefused(test: TestContext, lostMs: number, otherMs: number) {
  const engine = await start(test, {
    env: {
      DARKROOM_IDLE_MS: "2000",
      DARKROOM_LANE_CONCURRENCY: "2",
      DARKROOM_BACKOFF_BASE_MS: "1500",
      DARKROOM_BACKOFF_CAP_MS: "1500",
    },
    twin: {
      latencyMs: ({ portrait, call }) => (portrait.includes("other") ? otherMs : call === 3 ? lostMs : 5),
      faults: [
        // The lane is narrowed to one concurrent call.
        { match: { portrait: "lost", call: 2 }, fault: { ...LIMIT, message: "Too many concurrent requests" } },
        { match: { portrait: "lost", call: 3 }, fault: SILENT },
      ],
    },
  });
  await engine.addPhotos(2, (index) => ["lost.jpg", "other.jpg"][index] ?? "");
  const order = (source: string, steps: readonly string[]): Promise<string> =>
    engine.submit({
      rows: [{ source }],
      baseUrl: `${engine.root}in/`,
      recipe: { steps: steps.map((prompt) => ({ prompt })), mode: "eco" },
    });
  const lost = await order("lost.jpg", STEPS);
  await until(() => Object.values(engine.twin.ledger().calls).flat().length === 3, { what: "the call that is lost" });
  const other = await order("other.jpg", STEPS.slice(0, 1));
  return { engine, lost, other };
}

it("a remembered refused call does not make a lost one paid again", { timeout: 120_000 }, async (test) => {
  // The lost call takes longer than the client waits.
  const { engine, lost, other } = await lostAfterRefused(test, 5_000, 12_000);
  expect(await endOf(engine, lost)).toMatchObject({ end: expect.stringMatching(/^ok yes/) as string });
  await engine.ended(other);
  const { bills, doubleBilled } = engine.twin.ledger();
  expect(bills.map(({ delivered }) => delivered)).toEqual([false, true, true]);
  expect(doubleBilled).toEqual([]);
});

it("a lost call does not count as unpaid when it is cancelled while it runs", { timeout: 120_000 }, async (test) => {
  const { engine, lost } = await lostAfterRefused(test, 12_000, 25_000);
  await until(
    async () => engine.twin.stats().running === 2 && (await engine.ledger.receipt(lost, 0))?.session.exchanges === 2,
    { what: "a look at the refused call", timeoutMs: 20_000 },
  );
  await fetch(`${engine.api.url}/v1/batches/${lost}/cancel`, { method: "POST" });
  await engine.ended(lost);
  expect((await engine.report(lost))[0]).toMatchObject({ outcome: "cancelled_in_flight", billed: "maybe" });
});

it(
  "a draft is the result if the provider never reports a later one, and nothing is paid again",
  { timeout: 120_000 },
  async (test) => {
    const { running, batch } = await withDraft(test, { DARKROOM_IDLE_MS: "500", DARKROOM_DEADLINE_MS: "2000" });
    // The session is deleted while the provider works, so the memory never contains its result.
    const session = new URL(`/memory?session_id=${await running.sessionOf(batch, 0)}`, running.twin.url);
    const cleared = await fetch(session, { method: "DELETE", headers: { "x-api-key": running.twin.apiKey } });
    expect(cleared.status).toBe(200);
    expect(await endOf(running, batch)).toEqual({ ...LAST_PICTURE, fetched: [false] });
  },
);
