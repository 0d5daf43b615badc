import { once } from "node:events";
import { afterEach, describe, expect, it } from "vitest";
import { isEnded, type BatchStatus } from "@darkroom/core";
import { startRedis, until, type PrivateRedis } from "@darkroom/testkit";
import { startTwin, type FaultRuleInput, type Twin, type TwinOptions } from "@darkroom/twin";
import { startEngine, type Engine, type EngineOptions, type ReportLine } from "../kit/engine.ts";
import { postTo } from "../kit/post-to.ts";

const TIMEOUT = { timeout: 150_000 };
const SENSE_USD = 0.02;
const PHOTA_USD = 0.11;
/** 1.2 seconds. */
const FALLBACK = { provider: "phota", afterMinutes: 0.02 } as const;

let engine: Engine;
let phota: Twin;
let redis: PrivateRedis | undefined;
afterEach(async () => {
  await engine.close();
  await phota.close();
  await redis?.close();
  redis = undefined;
});

/** Starts both providers, each with its own books and balance. */
async function start(sense: TwinOptions, options: EngineOptions = {}, other: TwinOptions = {}): Promise<void> {
  phota = await startTwin({ latencyMs: [30, 60], work: "light", ...other });
  engine = await startEngine({
    workers: 2,
    phota: true,
    ...options,
    twin: { latencyMs: [30, 60], ...sense },
    env: {
      PHOTA_BASE_URL: phota.url,
      PHOTA_API_KEY: phota.apiKey,
      DARKROOM_PROBE_MS: "300",
      DARKROOM_LANE_CONCURRENCY: "6",
      DARKROOM_ATTEMPTS: "20",
      DARKROOM_PRICES: `{"each-sense":{"eco":${SENSE_USD},"max":${SENSE_USD}},"phota":{"image":${PHOTA_USD}}}`,
      ...options.env,
    },
  });
}

async function status(id: string): Promise<BatchStatus> {
  return (await (await fetch(`${engine.api.url}/v1/batches/${id}`)).json()) as BatchStatus;
}

/** Returns how often each portrait was paid for, by file name. */
function paid(twin: Twin): Map<string, number> {
  const times = new Map<string, number>();
  for (const { portrait } of twin.ledger().bills) {
    const name = portrait.split("/").at(-1) ?? "";
    times.set(name, (times.get(name) ?? 0) + 1);
  }
  return times;
}

const callsOf = (twin: Twin) => Object.values(twin.ledger().calls).flat();

/** Checks that the cost of each line equals the bill of its lane's provider. */
function checkBooks(lines: readonly ReportLine[]): void {
  const [sense, other] = [paid(engine.twin), paid(phota)];
  for (const line of lines) {
    const name = String(line["source"]).split("/").at(-1) ?? "";
    const times = { sense: sense.get(name) ?? 0, phota: other.get(name) ?? 0 };
    const lane = times.phota > 0 ? "twin-phota" : "twin";
    expect({ name, ...times, costUsd: line["costUsd"] }).toEqual({
      name,
      sense: lane === "twin" ? 1 : 0,
      phota: lane === "twin" ? 0 : 1,
      costUsd: lane === "twin" ? SENSE_USD : PHOTA_USD,
    });
    expect(line).toMatchObject({ outcome: "ok", billed: "yes", lane, simulated: true });
  }
}

describe("a batch whose lane stays blocked midway", () => {
  it(
    "is finished by its fallback, except what the first provider has seen; nothing is paid twice",
    TIMEOUT,
    async () => {
      await start({
        balance: 20,
        faults: [
          // Paid, with the answer still pending when the fallback takes over.
          { match: { portrait: "p00003", call: 1 }, fault: { kind: "silence", afterEvents: 3 } },
          // Queried repeatedly, and never known to have been refused.
          { match: { portrait: "p00004", call: "every" }, fault: { kind: "http", status: 503 } },
        ],
      });
      await engine.addPhotos(60);
      const id = await engine.submit({ fallback: FALLBACK });
      await until(async () => (await status(id)).fallback?.since ?? undefined, {
        what: "the fallback",
        timeoutMs: 60_000,
      });
      await engine.settledAtLeast(id, 58);
      // A time between two probes.
      const resting = await until(
        async () => {
          const now = await status(id);
          return now.counts.running === 0 && now.blocked !== null ? now : undefined;
        },
        { what: "what runs to end" },
      );
      expect(resting).toMatchObject({ state: "running", lane: "twin", fallback: { lane: "twin-phota" } });
      expect(resting.counts.queued + resting.counts.pending).toBe(0);
      expect(paid(phota).has("p00003.jpg") || paid(phota).has("p00004.jpg")).toBe(false);
      // The batch does not hang silently: the remaining portraits need the account with the empty balance, and the
      // status says so.
      const emptied = { reason: "balance", message: expect.stringContaining("top it up") as string };
      expect(resting.blocked).toMatchObject(emptied);
      const waiting = resting.waiting.reduce((sum, { count }) => sum + count, 0);
      expect(waiting).toBe(resting.counts.retrying);
      await postTo(engine, `/batches/${id}/pause`, {});
      expect(await status(id)).toMatchObject({ state: "paused", blocked: emptied });
      await postTo(engine, `/batches/${id}/resume`, {});

      engine.twin.faults.clear();
      engine.twin.setBalance(undefined);
      const record = await engine.ended(id);
      expect(record.counts).toMatchObject({ total: 60, succeeded: 60 });
      const lines = await engine.report(id);
      expect(lines).toHaveLength(60);
      checkBooks(lines);
      const bySense = paid(engine.twin).size;
      expect(bySense).toBeGreaterThanOrEqual(21);
      expect(record.costUsd).toBeCloseTo(bySense * SENSE_USD + (60 - bySense) * PHOTA_USD, 6);
      expect(Object.fromEntries(record.days.map(({ lane, costUsd }) => [lane, costUsd]))).toEqual({
        twin: expect.closeTo(bySense * SENSE_USD, 6),
        "twin-phota": expect.closeTo((60 - bySense) * PHOTA_USD, 6),
      });

      // For the same photos with the same recipe, the fallback's deliveries count.
      const calls = callsOf(engine.twin).length + callsOf(phota).length;
      const again = await engine.ended(await engine.submit());
      expect(again.counts).toMatchObject({ total: 60, skipped: 60 });
      expect(callsOf(engine.twin).length + callsOf(phota).length).toBe(calls);
    },
  );

  it("just waits without a fallback", TIMEOUT, async () => {
    await start({ balance: 5 });
    await engine.addPhotos(20);
    const [alone, other] = [
      await engine.submit(),
      await engine.submit({ destination: `${engine.root}other/`, fallback: FALLBACK }),
    ];
    await until(async () => (await status(other)).state === "completed", {
      what: "the batch with one",
      timeoutMs: 60_000,
    });
    const waiting = await status(alone);
    expect(waiting).toMatchObject({ state: "running", fallback: null, blocked: { reason: "balance" } });
    expect(isEnded(waiting.state)).toBe(false);
    engine.twin.setBalance(undefined);
    expect((await engine.ended(alone)).counts).toMatchObject({ succeeded: 20 });
    expect(phota.ledger().bills.length + engine.twin.ledger().billed).toBe(40);
  });

  it("keeps waiting while the fallback's own lane is blocked", TIMEOUT, async () => {
    await start({ balance: 2 }, {}, { balance: 0 });
    await engine.addPhotos(10);
    const first = await engine.submit({
      recipe: { provider: "phota", preset: "professional-polish" },
      destination: `${engine.root}first/`,
    });
    await until(async () => (await status(first)).blocked ?? undefined, { what: "Phota to be out of credit" });
    const id = await engine.submit({ fallback: FALLBACK });
    await until(
      async () => {
        const { blocked } = await status(id);
        return blocked !== null && Date.now() - Date.parse(blocked.since) > 2 * FALLBACK.afterMinutes * 60_000;
      },
      { what: "the time to be over" },
    );
    expect((await status(id)).fallback?.since).toBeNull();
    phota.setBalance(undefined);
    expect((await engine.ended(id)).counts).toMatchObject({ succeeded: 10 });
    expect((await status(id)).fallback?.since).not.toBeNull();
  });
});

describe("reconcile during a failover", () => {
  it("finds the job of a portrait that was called before in the fallback's lane", TIMEOUT, async () => {
    await start(
      { balance: 5, faults: [{ match: { portrait: "p00003", call: 1 }, fault: { kind: "http", status: 503 } }] },
      // The deadline is how long a lost answer is recalled before its portrait is requeued.
      { env: { DARKROOM_PROBE_MS: "60000", DARKROOM_DEADLINE_MS: "4000" } },
      { balance: 0 },
    );
    await engine.addPhotos(12);
    const id = await engine.submit({ fallback: FALLBACK });
    await until(async () => (await status(id)).fallback?.since ?? undefined, { what: "the fallback" });
    const read = async () => await engine.ledger.read(id);
    await until(
      async () => {
        const answer = await fetch(`${engine.api.url}/v1/lanes`);
        const { lanes } = (await answer.json()) as { lanes: readonly { name: string; blocked: unknown }[] };
        const blocked = lanes.find(({ name }) => name === "twin-phota")?.blocked;
        return blocked != null && (await read())?.counts.running === 0;
      },
      { what: "the fallback's lane to be blocked, too" },
    );
    expect((await engine.ledger.receipt(id, 3))?.firstIntentAt).toBeGreaterThan(0);
    await postTo(engine, `/batches/${id}/pause`, {});
    // From now on, portraits are requeued.
    await postTo(engine, "/lanes/twin/unblock", {});
    await until(async () => (await read())?.counts.pending === 7, { what: "all that is left to be parked" });
    await postTo(engine, `/batches/${id}/resume`, {});
    await until(async () => (await read())?.counts.queued === 7, { what: "it to wait in the fallback's lane" });
    expect(await postTo(engine, `/batches/${id}/reconcile`, { fix: true })).toEqual({ differences: [] });
  });
});

describe("a worker that is killed during a failover", () => {
  it(
    "loses nothing, pays each::sense at most once and one provider per portrait, and reports repeated Phota payments",
    TIMEOUT,
    async () => {
      const silent = ["p00001", "p00002", "p00003"].map((portrait) => ({
        match: { portrait, call: 1 },
        fault: { kind: "silence", afterEvents: 3 } as const,
      }));
      await start(
        { balance: 15, faults: silent },
        { workers: 0, env: { DARKROOM_IDLE_MS: "15000", DARKROOM_LOCK_MS: "1000" } },
        { latencyMs: 400 },
      );
      await engine.addPhotos(40);
      const doomed = await Promise.all([engine.spawnWorker(), engine.spawnWorker()]);
      const id = await engine.submit({ fallback: FALLBACK });
      await until(() => phota.stats().openStreams > 0 || callsOf(phota).length > 3, {
        what: "the fallback's calls",
        timeoutMs: 60_000,
      });
      expect(engine.twin.stats().openStreams).toBeGreaterThan(0);
      for (const worker of doomed) {
        const gone = once(worker, "exit");
        worker.kill("SIGKILL");
        await gone;
      }
      await engine.spawnWorker();
      await engine.settledAtLeast(id, 37);
      engine.twin.setBalance(undefined);
      const record = await engine.ended(id, 100_000);
      expect(record.counts).toMatchObject({ total: 40, succeeded: 40 });
      const [sense, other] = [paid(engine.twin), paid(phota)];
      for (const line of await engine.report(id)) {
        const name = String(line["source"]).split("/").at(-1) ?? "";
        const times = { sense: sense.get(name) ?? 0, phota: other.get(name) ?? 0 };
        expect({ name, both: times.sense > 0 && times.phota > 0 }).toEqual({ name, both: false });
        expect(times.sense).toBeLessThanOrEqual(1);
        if (times.phota > 1) expect(line["billed"], name).toBe("maybe");
      }
      expect([...silent].every(({ match }) => sense.get(`${match.portrait}.jpg`) === 1)).toBe(true);
    },
  );
});

describe("a batch that failed over before Redis was emptied and it was rebuilt", () => {
  const silent = { kind: "silence", afterEvents: 3 } as const;
  const asked = { match: { portrait: "p00003", call: 1 }, fault: "ask" } as const;

  it.each<[asks: string, faults: readonly FaultRuleInput[]]>([
    ["", [{ match: { portrait: "p00003", call: 1 }, fault: silent }]],
    [", also for the answer to a question,", [asked, { match: { portrait: "p00003", call: 2 }, fault: silent }]],
  ])(
    "continues with its fallback, asks the first provider's memory%s before it pays, and reports what cannot be known",
    TIMEOUT,
    async (_, faults) => {
      redis = await startRedis();
      await start(
        { balance: 20, faults },
        { redisUrl: redis.url, env: { DARKROOM_IDLE_MS: "10000" } },
        { latencyMs: 150 },
      );
      await engine.addPhotos(50);
      const recipe = { preset: "professional-polish", mode: "eco", clarificationAnswer: "Natural." } as const;
      const id = await engine.submit({ recipe, fallback: FALLBACK });
      await engine.settledAtLeast(id, 25);
      expect((await status(id)).fallback?.since).not.toBeNull();
      expect(engine.twin.stats().openStreams).toBe(1);
      await engine.redis.flushall();
      await until(() => engine.twin.stats().openStreams + phota.stats().openStreams === 0, {
        what: "the calls to end",
        timeoutMs: 30_000,
      });
      await until(async () => (await engine.ledger.read(id)) === undefined, { what: "Redis to know nothing" });
      const body = JSON.stringify({ destination: `${engine.root}out/` });
      const headers = { "content-type": "application/json" };
      expect((await fetch(`${engine.api.url}/v1/recoveries`, { method: "POST", body, headers })).status).toBe(200);
      const record = await engine.ended(id, 100_000);
      expect(record).toMatchObject({ lane: "twin-phota", counts: { total: 50, succeeded: 50 } });
      expect(record.divertedAt).toBeDefined();
      const [sense, other] = [paid(engine.twin), paid(phota)];
      expect(sense.get("p00003.jpg")).toBe(1);
      for (const line of await engine.report(id)) {
        const name = String(line["source"]).split("/").at(-1) ?? "";
        const times = { sense: sense.get(name) ?? 0, phota: other.get(name) ?? 0 };
        expect({ name, both: times.sense > 0 && times.phota > 0, sense: times.sense > 1 }).toEqual({
          name,
          both: false,
          sense: false,
        });
        if (times.phota > 1) expect(line["billed"], name).toBe("maybe");
        // Portraits that were delivered before, and whose outcome line was lost with Redis, cost the amount that their
        // provider billed.
        expect({ name, costUsd: line["costUsd"] }).toEqual({ name, costUsd: times.sense > 0 ? SENSE_USD : PHOTA_USD });
      }
    },
  );
});
