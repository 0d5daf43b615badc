import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { closeRedis, connectRedis } from "@darkroom/redis-kit";
import { testNamespace, testRedisUrl, until } from "@darkroom/testkit";
import { Gate } from "../src/index.ts";

const redis = connectRedis({ url: testRedisUrl(), name: "gate-test", onError: () => undefined });
afterAll(async () => await closeRedis(redis));

const gate = (limits: ConstructorParameters<typeof Gate>[3]) => new Gate(redis, testNamespace(), "each-sense", limits);

/** Returns the wait that the gate requests; 0 when the call entered. */
async function waitOf(of: Gate, call: string): Promise<number> {
  const answer = await of.enter(call);
  if (answer.kind === "blocked") throw new Error("the lane is blocked");
  return answer.kind === "wait" ? answer.waitMs : 0;
}

describe("concurrency", () => {
  it("never exceeds the limit as calls come and go", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 5 }),
        fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 0, max: 9 })), { maxLength: 40 }),
        async (concurrency, steps) => {
          const limited = gate({ concurrency, leaseMs: 60_000 });
          const inside = new Set<number>();
          for (const [enters, call] of steps) {
            if (enters && !inside.has(call)) {
              const waitMs = await waitOf(limited, `c${call}`);
              expect(waitMs === 0).toBe(inside.size < concurrency);
              if (waitMs === 0) inside.add(call);
            } else if (!enters) {
              await limited.leave(`c${call}`);
              inside.delete(call);
            }
          }
          expect((await limited.state()).running).toBe(inside.size);
        },
      ),
      { numRuns: 50 },
    );
  });

  it("admits as many calls of one tick as the limit and the rate allow", async () => {
    const calls = Array.from({ length: 8 }, (_, place) => `c${place}`);
    const entered = async (of: Gate): Promise<number> =>
      (await Promise.all(calls.map((call) => waitOf(of, call)))).filter((waitMs) => waitMs === 0).length;
    const limited = gate({ concurrency: 3 });
    expect(await entered(limited)).toBe(3);
    expect((await limited.state()).running).toBe(3);
    await Promise.all(calls.map((call) => limited.leave(call)));
    expect(await entered(limited)).toBe(3);
    // One call at once, and one as a burst.
    expect(await entered(gate({ concurrency: 8, ratePerMinute: 60 }))).toBe(2);
  });

  it("admits a call again that is already in, because its first answer was lost", async () => {
    const limited = gate({ concurrency: 1, ratePerMinute: 1, leaseMs: 60_000 });
    expect(await waitOf(limited, "c")).toBe(0);
    expect(await waitOf(limited, "c")).toBe(0);
    await limited.leave("c");
    expect(await waitOf(limited, "c")).toBeGreaterThan(0);
  });

  it("is released when a worker dies, and not while it renews", async () => {
    const limited = gate({ concurrency: 1, leaseMs: 400 });
    expect(await waitOf(limited, "dead")).toBe(0);
    expect(await waitOf(limited, "next")).toBeGreaterThan(0);
    await until(async () => (await waitOf(limited, "next")) === 0, { what: "the dead call's slot" });
    const renewing = setInterval(() => void limited.renew(["next"]), 100);
    try {
      const since = performance.now();
      await until(
        async () => {
          expect(await waitOf(limited, "third")).toBeGreaterThan(0);
          return performance.now() - since > 900;
        },
        { what: "two leases' time", everyMs: 100 },
      );
    } finally {
      clearInterval(renewing);
    }
  });
});

describe("rate", () => {
  it("admits a burst, then only as many calls as the minute allows", async () => {
    const limited = gate({ concurrency: 1_000, ratePerMinute: 600, leaseMs: 60_000 });
    const waits: number[] = [];
    for (let call = 0; call < 40; call += 1) waits.push(await waitOf(limited, `c${call}`));
    const through = waits.filter((wait) => wait === 0).length;
    expect(through).toBeGreaterThanOrEqual(10);
    expect(through).toBeLessThanOrEqual(14);
    expect(Math.max(...waits)).toBeLessThanOrEqual(110);
  });
});

describe("hold", () => {
  it("keeps all calls back until it is over, and is not shortened by a shorter one", async () => {
    const limited = gate({ concurrency: 5, leaseMs: 60_000 });
    await limited.hold(700, "somebody said so");
    await limited.hold(50);
    expect(await waitOf(limited, "c")).toBeGreaterThan(400);
    expect(await limited.state()).toMatchObject({ heldFor: "somebody said so", running: 0 });
    await until(async () => (await waitOf(limited, "c")) === 0, { what: "the end of the hold" });
    expect((await limited.state()).heldUntil).toBeUndefined();
  });

  it("is cut to the maximum, and an operator can end it", async () => {
    const limited = gate({ concurrency: 5, leaseMs: 60_000, longestHoldMs: 60_000 });
    await limited.hold(86_400_000, "a day");
    const { at, heldUntil = 0 } = await limited.state();
    expect(heldUntil - at).toBeLessThanOrEqual(60_000);
    expect(await limited.lift()).toBe(true);
    expect(await waitOf(limited, "c")).toBe(0);
    expect(await limited.lift()).toBe(false);
    // The same holds for a rate that resets in one day, whether or not it is exhausted.
    await limited.followRate({ limit: undefined, remaining: 0, resetMs: 86_400_000 });
    expect(((await limited.state()).heldUntil ?? 0) - at).toBeLessThanOrEqual(62_000);
    await limited.lift();
    const same = gate({ concurrency: 5, leaseMs: 60_000, longestHoldMs: 60_000 });
    await same.followRate({ limit: undefined, remaining: 1, resetMs: 86_400_000 });
    expect((await same.state()).ratePerMinute).toBeGreaterThanOrEqual(1);
  });
});

describe("a returned pass", () => {
  it("goes to the next call, with its turn in the rate", async () => {
    const limited = gate({ concurrency: 1, ratePerMinute: 10, leaseMs: 60_000 });
    const first = await limited.enter("c1");
    expect(first).toMatchObject({ kind: "entered", intervalMs: 6_000 });
    expect(await waitOf(limited, "c2")).toBeGreaterThan(0);
    await limited.giveBack("c1", 6_000);
    expect(await waitOf(limited, "c2")).toBe(0);
    await limited.giveBack("nobody's", 6_000);
    await limited.leave("c2");
    expect(await waitOf(limited, "c3")).toBeGreaterThan(4_000);
  });
});
