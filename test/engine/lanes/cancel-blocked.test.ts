import { afterEach, describe, expect, it } from "vitest";
import type { BatchStatus } from "@darkroom/core";
import { DEAD_AFTER_MS } from "@darkroom/ledger";
import { until } from "@darkroom/testkit";
import { startTwin, type FaultInput, type Twin } from "@darkroom/twin";
import type { LaneView } from "@darkroom/cli/api-views";
import { startEngine, type Engine, type EngineOptions } from "../kit/engine.ts";
import { startRefusingFront, type RefusingFront } from "@darkroom/testkit";

const TIMEOUT = { timeout: 90_000 };
/** Maximum time from a cancellation to the end of its batch, regardless of the lane's state. */
const ENDS_WITHIN_MS = 10_000;
/** Late heartbeats on a busy machine prove nothing, so detecting a death may take longer than its minimum. */
const KNOWN_DEAD_WITHIN_MS = 3 * DEAD_AFTER_MS;
/** Delays the probe of a blocked lane beyond the end of a test. */
const NO_PROBE = { DARKROOM_PROBE_MS: "600000" };
const TWO_STEPS = { steps: [{ prompt: "Warmer light." }, { prompt: "A grey background." }], mode: "eco" as const };

let twin: Twin;
let front: RefusingFront;
let engine: Engine;
afterEach(async () => {
  await engine.close();
  await front.close();
  await twin.close();
});

/** Starts an engine whose provider is behind a proxy that can refuse everything, including requests about sessions. */
async function open(fault: FaultInput, call: number, options: EngineOptions = {}): Promise<void> {
  twin = await startTwin({ latencyMs: 20, work: "light", faults: [{ match: { call }, fault }] });
  front = await startRefusingFront(twin.url);
  engine = await startEngine({ ...options, env: { EACHLABS_BASE_URL: front.url, ...NO_PROBE, ...options.env } });
}

async function status(batch: string): Promise<BatchStatus> {
  return (await (await fetch(`${engine.api.url}/v1/batches/${batch}`)).json()) as BatchStatus;
}

/** Cancels over HTTP and waits for the end, which must come within the given time. */
async function cancelled(batch: string, withinMs = ENDS_WITHIN_MS): Promise<void> {
  await fetch(`${engine.api.url}/v1/batches/${batch}/cancel`, { method: "POST" });
  const record = await engine.ended(batch, withinMs);
  expect(record.state).toBe("cancelled");
  expect(await engine.ledger.recount(batch, false)).toEqual([]);
}

const sessions = () => twin.stats().sessions;
const nothingKept = async (timeoutMs = 15_000) =>
  await until(() => sessions() === 0, { what: "the provider to keep nothing", timeoutMs });

/**
 * Starts four portraits whose first step is paid and whose second step the account refuses, so that the lane is
 * blocked.
 */
async function blockedInTheMiddle(reason: string): Promise<string> {
  await engine.addPhotos(4);
  const batch = await engine.submit({ recipe: TWO_STEPS });
  await until(async () => (await status(batch)).blocked?.reason === reason, { what: `a lane blocked for ${reason}` });
  await until(
    async () => {
      const { running, pending } = (await status(batch)).counts;
      return running === 0 && pending === 0 && twin.ledger().billed === 4;
    },
    { what: "four portraits that wait" },
  );
  expect(sessions()).toBe(4);
  return batch;
}

async function expectHonestLines(batch: string, billed: "yes" | "maybe"): Promise<void> {
  const lines = await engine.report(batch);
  expect(lines.map((line) => [line.outcome, line.billed])).toEqual(
    Array.from({ length: 4 }, () => ["cancelled_in_flight", billed]),
  );
  expect(twin.ledger()).toMatchObject({ billed: 4, doubleBilled: [] });
}

describe("cancelling a batch whose lane is blocked", () => {
  it("ends it at once and deletes the sessions while the balance is still used up", TIMEOUT, async () => {
    await open({ kind: "http", status: 402 }, 2);
    const batch = await blockedInTheMiddle("balance");
    await cancelled(batch);
    await expectHonestLines(batch, "yes");
    await nothingKept();
    const { lanes } = (await (await fetch(`${engine.api.url}/v1/lanes`)).json()) as { lanes: readonly LaneView[] };
    expect(lanes).toMatchObject([{ blocked: { reason: "balance" } }]);
  });

  it.each([
    ["auth", 401, "yes"],
    ["outage", 503, "maybe"],
  ] as const)(
    "ends it at once for %s, and deletes the sessions once the provider answers again",
    TIMEOUT,
    async (reason, code, billed) => {
      await open({ kind: "http", status: code }, 2, {
        env: { DARKROOM_OUTAGE_FAILURES: "2", DARKROOM_PROBE_MS: "3000" },
      });
      const batch = await blockedInTheMiddle(reason);
      front.refuse(code);
      await cancelled(batch);
      await expectHonestLines(batch, billed);
      await until(() => front.refused.some((line) => line.startsWith("DELETE")), { what: "a try that is refused" });
      expect(sessions()).toBe(4);
      // Only one deletion is attempted, because the others wait for the provider.
      expect(front.refused.filter((line) => line.startsWith("DELETE")).length).toBeLessThan(4);
      front.pass();
      await nothingKept(30_000);
    },
  );
});

describe("cancelling a batch whose portraits wait for their retry", () => {
  it("ends it at once, without waiting for the backoff", TIMEOUT, async () => {
    await open("cut_after_events", 1, {
      env: { DARKROOM_BACKOFF_BASE_MS: "60000", DARKROOM_BACKOFF_CAP_MS: "60000" },
    });
    await engine.addPhotos(3);
    const batch = await engine.submit();
    await until(async () => (await status(batch)).counts.retrying === 3, {
      what: "three that wait",
      timeoutMs: 20_000,
    });
    await cancelled(batch);
    expect((await engine.report(batch)).map(({ outcome, billed }) => [outcome, billed])).toEqual(
      Array.from({ length: 3 }, () => ["cancelled_in_flight", "maybe"]),
    );
    expect((await engine.ledger.read(batch))?.maybeBilled).toBe(3);
    await nothingKept();
  });

  it("ends it without any worker, and the next worker deletes the provider's sessions", TIMEOUT, async () => {
    await open("no_output", 1, {
      workers: 0,
      env: { DARKROOM_BACKOFF_BASE_MS: "60000", DARKROOM_BACKOFF_CAP_MS: "60000" },
    });
    const doomed = await engine.spawnWorker();
    await engine.addPhotos(3);
    const batch = await engine.submit();
    await until(async () => (await status(batch)).counts.retrying === 3, {
      what: "three that wait",
      timeoutMs: 20_000,
    });
    doomed.kill("SIGKILL");
    await cancelled(batch);
    expect(sessions()).toBe(3);
    await engine.spawnWorker();
    await nothingKept();
  });
});

describe("cancelling a batch whose first calls the provider began, then refused because of its limits", () => {
  it("leaves no session at the provider", TIMEOUT, async () => {
    await open({ kind: "error_event", message: "Slow down", error_code: "RATE_LIMITED", retry_after: 600 }, 1);
    await engine.addPhotos(3);
    const batch = await engine.submit();
    await until(async () => (await status(batch)).counts.retrying === 3, {
      what: "three that wait",
      timeoutMs: 20_000,
    });
    expect(Object.values(twin.ledger().calls).flat().length).toBeGreaterThan(0);
    await cancelled(batch);
    expect((await engine.report(batch)).map(({ outcome, billed }) => [outcome, billed])).toEqual(
      Array.from({ length: 3 }, () => ["cancelled", "no"]),
    );
    await nothingKept();
  });
});

describe("cancelling a batch whose worker died during its calls", () => {
  /** Starts three portraits in flight at the provider, with their worker. */
  async function workedOn() {
    await open("trickle", 1, { workers: 0 });
    const doomed = await engine.spawnWorker();
    await engine.addPhotos(3);
    const batch = await engine.submit();
    await until(async () => sessions() === 3 && (await status(batch)).counts.running === 3, {
      what: "three that are worked on",
      timeoutMs: 20_000,
    });
    return { batch, doomed };
  }

  async function endsOnceKnownDead(batch: string): Promise<void> {
    await cancelled(batch, KNOWN_DEAD_WITHIN_MS + ENDS_WITHIN_MS);
    expect((await engine.report(batch)).map(({ outcome, billed }) => [outcome, billed])).toEqual(
      Array.from({ length: 3 }, () => ["cancelled_in_flight", "maybe"]),
    );
    expect((await engine.ledger.read(batch))?.maybeBilled).toBe(3);
  }

  it("ends it without any worker, and the next worker deletes the provider's sessions", TIMEOUT, async () => {
    const { batch, doomed } = await workedOn();
    doomed.kill("SIGKILL");
    await endsOnceKnownDead(batch);
    expect(sessions()).toBe(3);
    await engine.spawnWorker();
    await nothingKept();
  });

  it("ends it while the lane is blocked, and another worker deletes the provider's sessions", TIMEOUT, async () => {
    const { batch, doomed } = await workedOn();
    front.refuse(402, "POST");
    const refused = await engine.submit({ destination: `${engine.root}other/` });
    await until(async () => (await status(refused)).blocked?.reason === "balance", { what: "a lane that is blocked" });
    expect((await status(batch)).counts.running).toBe(3);
    await engine.spawnWorker();
    doomed.kill("SIGKILL");
    await endsOnceKnownDead(batch);
    expect((await status(refused)).blocked?.reason).toBe("balance");
    await nothingKept();
  });
});

describe("a session whose deletion failed when its portrait ended", () => {
  it("is deleted later, beside the lane's work", TIMEOUT, async () => {
    await open("no_output", 9, { env: { DARKROOM_PROBE_MS: "1000" } });
    front.refuse(503, "DELETE");
    await engine.addPhotos(3);
    const batch = await engine.submit();
    expect((await engine.ended(batch)).counts.succeeded).toBe(3);
    expect(sessions()).toBe(3);
    front.pass();
    await nothingKept(30_000);
  });
});
