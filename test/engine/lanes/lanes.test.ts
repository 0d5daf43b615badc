import { afterEach, describe, expect, it } from "vitest";
import type { BatchStatus } from "@darkroom/core";
import { until } from "@darkroom/testkit";
import { startTwin, type Twin } from "@darkroom/twin";
import type { LaneView } from "@darkroom/cli/api-views";
import { DarkroomClient } from "@darkroom/cli/client";
import type { WatchEvent } from "@darkroom/cli/event-reader";
import { spawnCommand } from "@darkroom/cli/test-command";
import { startEngine, type Engine } from "../kit/engine.ts";

const TIMEOUT = { timeout: 120_000 };

let engine: Engine;
let other: Twin | undefined;
const stops: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
  await engine.close();
  await other?.close();
  other = undefined;
});

function client(): DarkroomClient {
  const open = new DarkroomClient(engine.api.url, undefined);
  stops.push(() => open.close());
  return open;
}

async function laneOf(api: DarkroomClient, name = "twin"): Promise<LaneView> {
  const lane = (await api.lanes()).find((each) => each.name === name);
  if (lane === undefined) throw new Error(`there is no lane ${name}`);
  return lane;
}

/** Collects all events of a batch while the test continues. */
function watched(api: DarkroomClient, batchId: string): WatchEvent[] {
  const events: WatchEvent[] = [];
  const leaving = new AbortController();
  stops.push(() => Promise.resolve(leaving.abort()));
  void (async () => {
    for await (const event of api.events(batchId, leaving.signal)) events.push(event);
  })().catch(() => undefined);
  return events;
}

const callsOf = (twin: Twin) => Object.values(twin.ledger().calls).flat();

describe("a balance that runs out during a batch", () => {
  it(
    "costs no attempt, is reported everywhere within a second, and the batch resumes after the top-up without a user",
    TIMEOUT,
    async () => {
      engine = await startEngine({
        workers: 2,
        twin: { latencyMs: [30, 60], balance: 60 },
        env: { DARKROOM_PROBE_MS: "300" },
      });
      const api = client();
      await engine.addPhotos(200);
      const id = await engine.submit();
      const events = watched(api, id);
      const watch = spawnCommand(["watch", id], {
        cwd: process.cwd(),
        env: { DARKROOM_API_URL: engine.api.url },
      });
      stops.push(() => {
        watch.child.kill("SIGKILL");
        return watch.ended;
      });
      await until(() => callsOf(engine.twin).some(({ ending }) => ending.includes("BALANCE")), {
        what: "the first refusal",
        everyMs: 5,
        timeoutMs: 60_000,
      });
      const refusedAt = performance.now();
      const seen: Record<string, number> = {};
      const sees = async (where: string, look: () => Promise<boolean> | boolean): Promise<void> => {
        await until(look, { what: `${where} to say so`, everyMs: 10 });
        seen[where] = performance.now() - refusedAt;
      };
      const inMetrics = async (text: () => Promise<string>): Promise<boolean> =>
        (await text()).includes('darkroom_lane_blocked{lane="twin",reason="balance"} 1');
      await Promise.all([
        sees("the status", async () => (await api.status(id)).blocked?.reason === "balance"),
        sees("the lane", async () => (await laneOf(api)).blocked?.reason === "balance"),
        sees("an event", () => events.some((event) => event.type === "lane-blocked" && event.reason === "balance")),
        sees("a watcher's state", () =>
          events.some((event) => event.type === "batch" && event.status.blocked?.reason === "balance"),
        ),
        sees("the command", () => watch.err().includes("the provider account is blocked (balance)")),
        sees("the API's metrics", () => inMetrics(async () => await (await fetch(`${engine.api.url}/metrics`)).text())),
        ...engine.workerMetrics.map((metrics, nth) =>
          sees(`worker ${nth}`, () => inMetrics(() => metrics.registry.metrics())),
        ),
      ]);
      expect(Object.entries(seen).filter(([, ms]) => ms > 1_000)).toEqual([]);
      expect(Object.keys(seen)).toHaveLength(8);

      await until(() => engine.twin.ledger().billed === 60, { what: "the calls that were paid for" });
      // The lane is blocked, so only single probes arrive.
      const resting = callsOf(engine.twin).length;
      await until(async () => ((await laneOf(api)).probe?.failed ?? 0) >= 2, { what: "two probes" });
      expect(callsOf(engine.twin).length - resting).toBeLessThanOrEqual(4);
      expect((await api.status(id)).state).toBe("running");

      engine.twin.setBalance(undefined);
      const record = await engine.ended(id);
      expect(record.counts).toMatchObject({ total: 200, succeeded: 200 });
      const lines = await engine.report(id);
      expect(lines.filter(({ attempts, billed }) => attempts !== 1 || billed !== "yes")).toEqual([]);
      expect(engine.twin.ledger()).toMatchObject({ billed: 200, doubleBilled: [] });
      expect(events.some(({ type }) => type === "lane-unblocked")).toBe(true);
      expect((await laneOf(api)).blocked).toBeNull();
    },
  );
});

describe("a lane that a user unblocks after the top-up", () => {
  it("resumes at once instead of with its next probe", TIMEOUT, async () => {
    engine = await startEngine({ twin: { latencyMs: 20, balance: 2 }, env: { DARKROOM_PROBE_MS: "600000" } });
    const api = client();
    await engine.addPhotos(10);
    const id = await engine.submit();
    await until(async () => (await laneOf(api)).blocked ?? undefined, { what: "the balance to run out" });
    // Unblocking too early is harmless: the account refuses, and the lane is blocked again.
    await api.unblockLane("twin");
    const again = await until(async () => (await laneOf(api)).blocked ?? undefined, { what: "the refusal" });
    expect(again.reason).toBe("balance");
    engine.twin.setBalance(undefined);
    expect((await api.unblockLane("twin")).blocked).toBeNull();
    expect((await engine.ended(id)).counts).toMatchObject({ total: 10, succeeded: 10 });
    expect(engine.twin.ledger()).toMatchObject({ billed: 10, doubleBilled: [] });
  });
});

describe("workers that die during a probe", () => {
  it("leave the probe to the next one, and nothing is paid twice", TIMEOUT, async () => {
    engine = await startEngine({
      workers: 0,
      twin: { latencyMs: 20, balance: 5 },
      env: { DARKROOM_PROBE_MS: "200", DARKROOM_LANE_CONCURRENCY: "4" },
    });
    const api = client();
    const doomed = await Promise.all([engine.spawnWorker(), engine.spawnWorker()]);
    await engine.addPhotos(20);
    const id = await engine.submit();
    await until(async () => (await api.status(id)).blocked ?? undefined, { what: "the balance to run out" });
    await until(() => engine.twin.ledger().billed === 5, { what: "what was paid for" });
    // The probe's call is accepted, paid for, and never answered.
    engine.twin.faults.random({ rate: 1, kinds: [{ kind: "silence", afterEvents: 1 }] });
    engine.twin.setBalance(undefined);
    await until(async () => (await laneOf(api)).probe?.underWay === true && engine.twin.stats().openStreams > 0, {
      what: "a probe that hangs",
    });
    for (const worker of doomed) worker.kill("SIGKILL");
    engine.twin.faults.clear();
    expect((await laneOf(api)).blocked?.reason).toBe("balance");
    await engine.spawnWorker();
    const record = await engine.ended(id, 100_000);
    expect(record.counts).toMatchObject({ succeeded: 20 });
    expect(engine.twin.ledger()).toMatchObject({ billed: 20, doubleBilled: [] });
    expect((await laneOf(api)).blocked).toBeNull();
  });
});

describe("a provider that fails every call", () => {
  it(
    "blocks the lane as an outage, costs no attempt from then on, and unblocks it with its first answer",
    TIMEOUT,
    async () => {
      engine = await startEngine({
        workers: 2,
        twin: { latencyMs: 20 },
        env: { DARKROOM_PROBE_MS: "200", DARKROOM_OUTAGE_FAILURES: "6", DARKROOM_LANE_CONCURRENCY: "8" },
      });
      const api = client();
      await engine.addPhotos(60);
      engine.twin.faults.random({ rate: 1, kinds: [{ kind: "http", status: 503 }, "reset"] });
      const first = await engine.submit();
      const blocked = await until(async () => (await api.status(first)).blocked ?? undefined, { what: "the outage" });
      expect(blocked).toMatchObject({ reason: "outage" });
      expect(blocked.message).toContain("currently fails every call");
      // Many probes later, no portrait has failed for good.
      await until(async () => ((await laneOf(api)).probe?.failed ?? 0) >= 3, {
        what: "three probes",
        timeoutMs: 30_000,
      });
      expect((await api.status(first)).counts).toMatchObject({ failed: 0 });
      engine.twin.faults.clear();
      const record = await engine.ended(first);
      expect(record.counts).toMatchObject({ succeeded: 60, failed: 0 });
      // The five failures before the sixth, which could not be distinguished from a portrait's own failures.
      const burnt = (await engine.report(first)).reduce((sum, { attempts }) => sum + attempts - 1, 0);
      expect(burnt).toBeLessThan(6);
      expect(engine.twin.ledger().doubleBilled.filter(({ by }) => by === "session")).toEqual([]);
    },
  );

  it("fails portraits after their attempts if outages are disabled", TIMEOUT, async () => {
    engine = await startEngine({
      twin: { latencyMs: 5, randomFaults: { rate: 1, kinds: [{ kind: "http", status: 503 }] } },
      env: { DARKROOM_OUTAGE_FAILURES: "0", DARKROOM_ATTEMPTS: "2", DARKROOM_BREAKER: "false" },
    });
    await engine.addPhotos(15);
    const record = await engine.ended(await engine.submit());
    expect(record.counts).toMatchObject({ failed: 15 });
    expect(record.failures).toMatchObject({ provider_error: 15 });
  });
});

describe("an account that allows less than configured", () => {
  it("narrows the lane for all workers, costs no attempt, and every portrait is delivered", TIMEOUT, async () => {
    engine = await startEngine({ workers: 2, twin: { latencyMs: [40, 80], plan: { concurrent: 4 } } });
    const api = client();
    await engine.addPhotos(80);
    const id = await engine.submit();
    const lane = await until(
      async () => {
        const now = await laneOf(api);
        return now.narrowed === null ? undefined : now;
      },
      { what: "the lane to be narrowed" },
    );
    expect(lane.concurrency.present).toBeLessThan(20);
    expect(lane.narrowed?.message).toContain("concurren");
    const record = await engine.ended(id, 100_000);
    expect(record.counts).toMatchObject({ succeeded: 80 });
    expect((await engine.report(id)).filter(({ attempts }) => attempts !== 1)).toEqual([]);
    expect(engine.twin.ledger()).toMatchObject({ billed: 80, doubleBilled: [] });
  });

  it("states its rate, which the lane keeps to without a refusal", TIMEOUT, async () => {
    engine = await startEngine({ workers: 2, twin: { latencyMs: 5, plan: { requestsPerMinute: 300 } } });
    const api = client();
    await engine.addPhotos(30);
    const record = await engine.ended(await engine.submit());
    expect(record.counts).toMatchObject({ succeeded: 30 });
    expect((await laneOf(api)).ratePerMinute).toMatchObject({ configured: null });
    expect((await laneOf(api)).ratePerMinute.present).toBeLessThanOrEqual(300);
    expect(callsOf(engine.twin).filter(({ ending }) => ending === "http_429")).toEqual([]);
  });
});

describe("two accounts of one provider", () => {
  it("are two lanes with their own limits, and a batch goes to the one that it names", TIMEOUT, async () => {
    other = await startTwin({ latencyMs: 30, work: "light", apiKey: "second-account-key" });
    engine = await startEngine({
      twin: { latencyMs: 30 },
      env: {
        DARKROOM_LANE_CONCURRENCY: "6",
        SECOND_KEY: "second-account-key",
        DARKROOM_ACCOUNTS: JSON.stringify([
          { lane: "twin-b", provider: "each-sense", keyVariable: "SECOND_KEY", baseUrl: other.url, concurrency: 2 },
        ]),
      },
    });
    const api = client();
    await engine.addPhotos(30);
    const [first, second] = await Promise.all([
      engine.submit({ destination: `${engine.root}a/` }),
      engine.submit({ destination: `${engine.root}b/`, lane: "twin-b" }),
    ]);
    await Promise.all([first, second].map((id) => engine.ended(id)));
    expect(engine.twin.ledger()).toMatchObject({ billed: 30 });
    expect(other.ledger()).toMatchObject({ billed: 30 });
    expect(engine.twin.stats().maxRunning).toBeGreaterThan(2);
    expect(engine.twin.stats().maxRunning).toBeLessThanOrEqual(6);
    expect(other.stats().maxRunning).toBeLessThanOrEqual(2);
    expect((await laneOf(api, "twin")).concurrency.configured).toBe(6);
    expect((await laneOf(api, "twin-b")).concurrency.configured).toBe(2);
    const status: BatchStatus = await api.status(second);
    expect(status.lane).toBe("twin-b");
    await expect(engine.submit({ lane: "twin-c" })).rejects.toThrow(
      'There is no lane "twin-c" for each-sense; available: "twin", "twin-b".',
    );
  });
});

describe("a lane with an error", () => {
  it("does not delay other lanes", TIMEOUT, async () => {
    engine = await startEngine({ phota: true });
    const { DARKROOM_NAMESPACE: namespace } = engine.env;
    await engine.redis.set(`{${namespace}:twin-phota}:lane:blocked`, "not what it should be");
    await engine.addPhotos(5);
    const id = await engine.submit();
    expect((await engine.ended(id)).counts).toMatchObject({ total: 5, succeeded: 5 });
  });
});
