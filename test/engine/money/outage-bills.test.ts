import { afterEach, describe, expect, it } from "vitest";
import { Lane } from "@darkroom/lanes";
import { until } from "@darkroom/testkit";
import type { FaultInput } from "@darkroom/twin";
import { startEngine, type Engine } from "../kit/engine.ts";

let engine: Engine;
const lanes: Lane[] = [];
afterEach(async () => {
  for (const lane of lanes.splice(0)) await lane.close();
  await engine.close();
});

const ATTEMPTS = 2;
const TIMEOUT = { timeout: 90_000 };

/** Makes every call belong to an outage: the first failure blocks the lane, and probes follow. */
async function startOutage(fault: FaultInput): Promise<void> {
  engine = await startEngine({
    phota: true,
    twin: { latencyMs: 20, randomFaults: { rate: 1, kinds: [fault] } },
    env: {
      DARKROOM_PROBE_MS: "50",
      DARKROOM_OUTAGE_FAILURES: "1",
      DARKROOM_ATTEMPTS: String(ATTEMPTS),
      DARKROOM_BREAKER: "false",
      // Limit for waiting for a call that had begun.
      DARKROOM_DEADLINE_MS: "3000",
      DARKROOM_IDLE_MS: "2000",
    },
  });
}

function openLane(name: string): Lane {
  const { namespace } = engine.settings.redis;
  const connection = { redisUrl: engine.env["REDIS_URL"] ?? "", access: {}, namespace, onError: () => undefined };
  const lane = new Lane(connection, engine.redis, name, { firstProbeMs: 200 });
  lanes.push(lane);
  return lane;
}

describe("an outage in which each call is billed and leaves no trace", () => {
  it.each([
    [
      "each-sense, cut before the provider had said anything of its work",
      "each-sense",
      { kind: "memory_lost", events: 1 },
    ],
    ["each-sense, cut while the provider worked", "each-sense", { kind: "memory_lost", events: 4 }],
    ["phota, cut without an answer", "phota", "reset_after_accept"],
  ] as const)("bills no portrait more often than it has attempts: %s", TIMEOUT, async (_, provider, fault) => {
    await startOutage(fault);
    const photos = await engine.addPhotos(2);
    const batch = await engine.submit({ recipe: { provider, preset: "professional-polish", mode: "eco" } });
    const bound = photos.length * ATTEMPTS;
    const isOver = async (): Promise<boolean> => (await engine.ledger.read(batch))?.endedAt !== undefined;
    await until(async () => engine.twin.ledger().billed > bound || (await isOver()), {
      what: "the batch to end",
      timeoutMs: 60_000,
    });
    const { bills } = engine.twin.ledger();
    for (const photo of photos) {
      const own = bills.filter(({ portrait }) => portrait.includes(photo)).length;
      expect(own, photo).toBeLessThanOrEqual(ATTEMPTS);
    }
    await engine.ended(batch);
    for (const line of await engine.report(batch)) expect(line).toMatchObject({ state: "failed", billed: "maybe" });
  });
});

describe("an outage in which the provider accepts no calls", () => {
  it("costs no attempt, however many probes it refuses", TIMEOUT, async () => {
    await startOutage({ kind: "http", status: 503 });
    await engine.addPhotos(1);
    const batch = await engine.submit();
    const lane = openLane("twin");
    const probesFailed = async (): Promise<number> => (await lane.blocked())?.probes ?? 0;
    await until(async () => (await probesFailed()) > 1 + ATTEMPTS, { what: "many probes", timeoutMs: 60_000 });
    engine.twin.faults.clear();
    const record = await engine.ended(batch);
    expect(record.counts).toMatchObject({ succeeded: 1, failed: 0 });
    expect(await engine.report(batch)).toMatchObject([{ outcome: "ok", attempts: 1, billed: "yes" }]);
    expect(engine.twin.ledger().billed).toBe(1);
  });
});
