import { afterEach, describe, expect, it } from "vitest";
import { startSentinels, until } from "@darkroom/testkit";
import { startEngine, type Engine } from "./engine.ts";

const COUNT = 1_000;
/** How long a lost job, a dead claim and a fail-over may take together. */
const END_MS = 180_000;

let engine: Engine;
let after: (() => Promise<void>) | undefined;
afterEach(async () => {
  await engine.close();
  await after?.();
  after = undefined;
});

describe("a master that dies in the middle of a batch", () => {
  it("is followed by a replica: the batch ends, exact, and nothing is paid twice", { timeout: 300_000 }, async () => {
    const stack = await startSentinels();
    after = () => stack.close();
    engine = await startEngine({
      redisUrl: stack.url,
      workers: 2,
      twin: { latencyMs: [50, 150] },
      env: { DARKROOM_LANE_CONCURRENCY: "40" },
    });
    await engine.addPhotos(COUNT);
    const batch = await engine.submit();
    await until(async () => ((await engine.ledger.read(batch))?.counts.succeeded ?? 0) > COUNT / 3, {
      what: "a third of the batch",
      timeoutMs: 60_000,
    });
    process.kill(stack.servers[0]?.pid ?? 0, "SIGKILL");
    const record = await until(
      async () => {
        const now = await engine.ledger.read(batch);
        return now?.endedAt === undefined ? undefined : now;
      },
      { what: "the end of the batch", timeoutMs: END_MS },
    );
    expect(record.counts).toMatchObject({ total: COUNT, succeeded: COUNT });
    const lines = await engine.report(batch);
    expect(new Set(lines.map(({ index }) => index)).size).toBe(COUNT);
    expect(lines).toHaveLength(COUNT);
    expect(engine.twin.ledger().doubleBilled).toEqual([]);
    expect(engine.twin.ledger().billed).toBe(COUNT);
  });
});
