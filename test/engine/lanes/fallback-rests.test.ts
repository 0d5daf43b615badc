import { afterEach, describe, expect, it } from "vitest";
import type { BatchStatus } from "@darkroom/core";
import { Gate } from "@darkroom/lanes";
import { until } from "@darkroom/testkit";
import { startTwin, type Twin, type TwinOptions } from "@darkroom/twin";
import type { LaneView } from "@darkroom/cli/api-views";
import { startEngine, type Engine } from "../kit/engine.ts";

const TIMEOUT = { timeout: 120_000 };
const AFTER_MS = 1_200;
const FALLBACK = { provider: "phota", afterMinutes: AFTER_MS / 60_000 } as const;

let engine: Engine;
let phota: Twin;
afterEach(async () => {
  await engine.close();
  await phota.close();
});

async function start(sense: TwinOptions, other: TwinOptions = {}): Promise<void> {
  phota = await startTwin({ latencyMs: 30, work: "light", ...other });
  engine = await startEngine({
    phota: true,
    twin: { latencyMs: 30, ...sense },
    env: {
      PHOTA_BASE_URL: phota.url,
      PHOTA_API_KEY: phota.apiKey,
      DARKROOM_PROBE_MS: "300",
      DARKROOM_LANE_CONCURRENCY: "4",
    },
  });
  await engine.addPhotos(4);
}

async function get<T>(path: string): Promise<T> {
  return (await (await fetch(`${engine.api.url}/v1/${path}`)).json()) as T;
}

const status = (id: string) => get<BatchStatus>(`batches/${id}`);

async function laneOf(name: string): Promise<LaneView | undefined> {
  return (await get<{ lanes: readonly LaneView[] }>("lanes")).lanes.find((lane) => lane.name === name);
}

/** Makes the batch's own lane appear blocked for longer than the configured time. */
async function overdue(id: string): Promise<void> {
  const blocked = await until(async () => (await status(id)).blocked ?? undefined, { what: "the lane to be blocked" });
  await until(() => Date.now() - Date.parse(blocked.since) > 2 * AFTER_MS, { what: "the time to be over" });
}

/** A batch is refused and cancelled, so that its lane is blocked and has no portrait left. */
async function leaveOldBlock(provider: "each-sense" | "phota"): Promise<void> {
  const id = await engine.submit({
    recipe: { provider, preset: "professional-polish", mode: "eco" },
    destination: `${engine.root}first/`,
  });
  await until(async () => (await status(id)).blocked ?? undefined, { what: "the account to refuse" });
  await fetch(`${engine.api.url}/v1/batches/${id}/cancel`, { method: "POST" });
  await engine.ended(id);
}

describe("a fallback whose lane was blocked when it was last used", () => {
  it("takes over although no portrait is left there to probe it", TIMEOUT, async () => {
    await start({ balance: 0 }, { balance: 0 });
    await leaveOldBlock("phota");
    phota.setBalance(undefined);
    const id = await engine.submit({ fallback: FALLBACK });
    expect((await engine.ended(id, 30_000)).counts).toMatchObject({ total: 4, succeeded: 4 });
    expect((await status(id)).fallback?.since).not.toBeNull();
    expect(phota.ledger().bills).toHaveLength(4);
    expect((await laneOf("twin-phota"))?.blocked).toBeNull();
  });
});

describe("a batch whose own lane was blocked long before the batch", () => {
  it(
    "waits the configured time before its fallback takes over, and so finds that the lane works again",
    TIMEOUT,
    async () => {
      await start({ balance: 0 });
      await leaveOldBlock("each-sense");
      engine.twin.setBalance(undefined);
      const key = `{${engine.settings.redis.namespace}:twin}:lane:blocked`;
      expect(await engine.redis.hset(key, "since", new Date(Date.now() - 3_600_000).toISOString())).toBe(0);
      const id = await engine.submit({ fallback: { ...FALLBACK, afterMinutes: 10 } });
      expect((await engine.ended(id, 30_000)).counts).toMatchObject({ total: 4, succeeded: 4 });
      expect((await status(id)).fallback?.since).toBeNull();
      expect(engine.twin.ledger().billed).toBe(4);
    },
  );
});

describe("a lane that the provider asks to wait for hours", () => {
  const away = { rate: 1, kinds: [{ kind: "http", status: 429, retryAfterS: 3_600 } as const] };

  it("fails its batch over at once", TIMEOUT, async () => {
    await start({ randomFaults: away });
    const id = await engine.submit({ fallback: FALLBACK });
    expect((await engine.ended(id, 30_000)).counts).toMatchObject({ total: 4, succeeded: 4 });
    expect((await status(id)).fallback?.since).not.toBeNull();
    expect(await laneOf("twin")).toMatchObject({ blocked: null, held: { message: expect.any(String) } });
    expect(engine.twin.ledger().billed).toBe(0);
  });

  it("leaves no sessions of calls that it had begun and that the fallback makes", TIMEOUT, async () => {
    const limit = {
      kind: "error_event",
      message: "Slow down",
      error_code: "RATE_LIMITED",
      retry_after: 3_600,
    } as const;
    await start({ faults: [{ fault: limit }] });
    const id = await engine.submit({ fallback: FALLBACK });
    expect((await engine.ended(id, 30_000)).counts).toMatchObject({ total: 4, succeeded: 4 });
    expect(phota.ledger().bills).toHaveLength(4);
    expect(Object.values(engine.twin.ledger().calls).flat().length).toBeGreaterThan(0);
    await until(() => engine.twin.stats().sessions === 0, { what: "the first provider to keep nothing" });
  });

  it("is not used as the fallback of another", TIMEOUT, async () => {
    await start({ balance: 0 });
    const gate = new Gate(engine.redis, engine.settings.redis.namespace, "twin-phota", { concurrency: 4 });
    await gate.hold(3_600_000, "so it was told");
    const id = await engine.submit({ fallback: FALLBACK });
    await overdue(id);
    expect((await status(id)).fallback?.since).toBeNull();
    await engine.redis.del(`{${engine.settings.redis.namespace}:twin-phota}:gate:hold`);
    expect((await engine.ended(id, 30_000)).counts).toMatchObject({ succeeded: 4 });
    expect(phota.ledger().bills).toHaveLength(4);
  });

  it("keeps its batch if the wait is a normal per-minute limit", TIMEOUT, async () => {
    await start({});
    const { namespace } = engine.settings.redis;
    await new Gate(engine.redis, namespace, "twin", { concurrency: 4 }).hold(
      60_000,
      "the calls of this minute are used up",
    );
    const id = await engine.submit({ fallback: FALLBACK });
    const { createdAt } = await status(id);
    await until(() => Date.now() - Date.parse(createdAt) > 3 * AFTER_MS, { what: "the time to be over" });
    expect(await laneOf("twin")).toMatchObject({ held: { message: expect.stringContaining("this minute") } });
    expect((await status(id)).fallback?.since).toBeNull();
    expect(phota.ledger().bills).toEqual([]);
  });
});
