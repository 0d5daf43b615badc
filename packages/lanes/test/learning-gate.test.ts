import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { closeRedis, connectRedis } from "@darkroom/redis-kit";
import { testNamespace, testRedisUrl, until } from "@darkroom/testkit";
import { Gate, type GateLimits, type Lesson } from "../src/index.ts";

const connections = [1, 2].map((place) =>
  connectRedis({ url: testRedisUrl(), name: `learning-${place}`, onError: () => undefined }),
);
afterAll(async () => await Promise.all(connections.map(closeRedis)));

/** The gate of one account as seen by two workers. */
function workers(limits: GateLimits): readonly [Gate, Gate] {
  const namespace = testNamespace();
  const [first, second] = connections.map((redis) => new Gate(redis, namespace, "each-sense", limits));
  if (first === undefined || second === undefined) throw new Error("there are two connections");
  return [first, second];
}

async function entered(gate: Gate, call: string): Promise<number> {
  const answer = await gate.enter(call);
  if (answer.kind !== "entered") throw new Error(`${call} has to wait`);
  return answer.enteredAt;
}

const TOO_MANY = { cause: "concurrency", waitMs: 10_000, message: "too many at once" } as const;

/**
 * The expected rule: 70 % of the running calls, then another 5 % of the configured limit per period without refusals.
 */
const narrowedFrom = (present: number): number => Math.max(1, Math.floor(present * 0.7));
const widenedTo = (configured: number, lesson: Lesson | undefined, everyMs: number, at: number): number =>
  lesson === undefined
    ? configured
    : Math.min(
        configured,
        lesson.concurrency + Math.max(1, Math.ceil(configured / 20)) * Math.floor((at - lesson.at) / everyMs),
      );

describe("a refusal for too many concurrent calls", () => {
  it("lowers the limit, which rises again exactly by the rule, however calls come and go at two workers", async () => {
    const everyMs = 25;
    const does = fc.oneof(
      { weight: 6, arbitrary: fc.constant("enter" as const) },
      { weight: 1, arbitrary: fc.constant("leave" as const) },
      { weight: 2, arbitrary: fc.constant("refuse" as const) },
      { weight: 2, arbitrary: fc.constant("rest" as const) },
    );
    const step = fc.record({ does, pick: fc.nat(39), by: fc.nat(1) });
    let narrowings = 0;
    let widenings = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 30 }),
        fc.array(step, { minLength: 20, maxLength: 80 }),
        async (concurrency, steps) => {
          const gates = workers({ concurrency, leaseMs: 60_000, widenEveryMs: everyMs, settleMs: 1 });
          const inside = new Map<number, number>();
          let last: Lesson | undefined;
          for (const [place, { does, pick, by }] of steps.entries()) {
            const gate = gates[by] ?? gates[0];
            // Entering calls are new. Leaving or refused calls are among those inside.
            const call = does === "enter" ? place : ([...inside.keys()][pick % inside.size] ?? -1);
            const since = inside.get(call);
            if (does === "rest") await sleep(pick / 2);
            if (does === "enter") {
              const before = await gate.state();
              const answer = await gate.enter(`c${call}`);
              if (answer.kind === "entered") {
                expect(inside.size).toBeLessThan(widenedTo(concurrency, last, everyMs, answer.enteredAt));
                inside.set(call, answer.enteredAt);
              } else if (before.heldUntil === undefined) expect(inside.size).toBeGreaterThanOrEqual(before.concurrency);
            }
            if (does === "leave" && since !== undefined) {
              await gate.leave(`c${call}`);
              inside.delete(call);
            }
            if (does === "refuse" && since !== undefined) {
              await gate.leave(`c${call}`);
              const lesson = await gate.throttled(`c${call}`, { ...TOO_MANY, enteredAt: since });
              const present = widenedTo(concurrency, last, everyMs, lesson.at);
              // A call that entered before the last reduction tested an older limit.
              const isNew = last === undefined || since > last.at;
              expect(lesson.narrowed).toBe(isNew);
              expect(lesson.concurrency).toBe(isNew ? narrowedFrom(Math.min(present, inside.size)) : present);
              if (isNew) last = lesson;
              if (isNew) narrowings += 1;
              inside.delete(call);
            }
            const state = await gate.state();
            expect(state.concurrency).toBe(widenedTo(concurrency, last, everyMs, state.at));
            expect(state.concurrency).toBeGreaterThanOrEqual(1);
            expect(state.concurrency).toBeLessThanOrEqual(concurrency);
            if (last !== undefined && state.concurrency > last.concurrency) widenings += 1;
          }
        },
      ),
      { numRuns: 20 },
    );
    expect(narrowings).toBeGreaterThan(10);
    expect(widenings).toBeGreaterThan(10);
  });

  it("counts once for all calls that entered together", async () => {
    const [first, second] = workers({ concurrency: 40, settleMs: 1 });
    const calls = Array.from({ length: 40 }, (_, call) => `c${call}`);
    const times = await Promise.all(calls.map((call, place) => entered(place % 2 === 0 ? first : second, call)));
    const lessons: Lesson[] = [];
    for (const [place, call] of calls.entries()) {
      await first.leave(call);
      const enteredAt = times[place] ?? 0;
      lessons.push(await (place % 2 === 0 ? second : first).throttled(call, { ...TOO_MANY, enteredAt }));
    }
    expect(lessons.filter(({ narrowed }) => narrowed)).toHaveLength(1);
    expect(await second.state()).toMatchObject({ concurrency: 28, narrowedFor: "too many at once" });
  });

  it("holds new calls for a moment, and never lowers the limit below one", async () => {
    const [gate] = workers({ concurrency: 2, settleMs: 300 });
    const at = await entered(gate, "a");
    await gate.throttled("a", { ...TOO_MANY, enteredAt: at });
    await gate.leave("a");
    expect((await gate.enter("b")).kind).toBe("wait");
    const again = await until(
      async () => {
        const answer = await gate.enter("b");
        return answer.kind === "entered" ? answer.enteredAt : undefined;
      },
      { what: "the moment to pass" },
    );
    expect(await gate.throttled("b", { ...TOO_MANY, enteredAt: again })).toMatchObject({ concurrency: 1 });
    // A single call was refused. The limit cannot be lowered further, so the hold lasts as long as the account
    // requested.
    const { at: now, heldUntil = 0 } = await gate.state();
    expect(heldUntil - now).toBeGreaterThan(5_000);
  });
});

describe("an account that allows less than configured", () => {
  it.each([1, 3, 8])(
    "%i concurrent calls: two workers find the limit, keep to it, and raise it when the account allows more",
    async (allowed) => {
      const configured = 20;
      const gates = workers({ concurrency: configured, widenEveryMs: 60, settleMs: 5 });
      let cap = allowed;
      let running = 0;
      let refused = 0;
      let mostLate = 0;
      let done = 0;
      const call = async (id: string, gate: Gate): Promise<void> => {
        for (;;) {
          const answer = await gate.enter(id);
          if (answer.kind !== "entered") {
            await sleep(answer.kind === "wait" ? Math.min(answer.waitMs, 5) : 5);
            continue;
          }
          running += 1;
          const isRefused = running > cap;
          if (done > 60) mostLate = Math.max(mostLate, running);
          if (!isRefused) await sleep(8);
          running -= 1;
          await gate.leave(id, !isRefused);
          if (!isRefused) break;
          refused += 1;
          await gate.throttled(id, { ...TOO_MANY, waitMs: 20, enteredAt: answer.enteredAt });
        }
        done += 1;
      };
      await Promise.all(
        Array.from({ length: 30 }, async (_, worker) => {
          for (let nth = 0; nth < 6; nth += 1) await call(`w${worker}-${nth}`, gates[worker % 2] ?? gates[0]);
        }),
      );
      expect(done).toBe(180);
      expect(refused).toBeGreaterThan(0);
      // Once found, the limit is tested one step at a time. Here, a step is one call.
      expect(mostLate).toBeLessThanOrEqual(allowed + 2);
      cap = configured;
      await until(async () => (await gates[1].state()).concurrency === configured, { what: "the whole width again" });
      expect((await gates[0].state()).narrowedFor).toBeUndefined();
    },
  );
});

describe("the provider's stated rate", () => {
  const told = { limit: undefined, remaining: undefined, resetMs: undefined };

  it("applies if it is below the configured rate, and not if it is above", async () => {
    const [first, second] = workers({ concurrency: 10, ratePerMinute: 120 });
    await first.followRate({ ...told, limit: 600 });
    expect((await second.state()).ratePerMinute).toBe(120);
    await first.followRate({ ...told, limit: 30 });
    expect((await second.state()).ratePerMinute).toBe(30);
    await entered(first, "a");
    const answer = await second.enter("b");
    expect(answer.kind === "wait" && answer.waitMs > 500 && answer.waitMs <= 1_000).toBe(true);
  });

  it("holds all calls until the reset once nothing is left", async () => {
    const [first, second] = workers({ concurrency: 10 });
    await first.followRate({ limit: 60, remaining: 0, resetMs: 600 });
    expect((await second.enter("a")).kind).toBe("wait");
    expect((await second.state()).heldFor).toContain("60 calls a minute");
    await until(async () => (await second.enter("a")).kind === "entered", { what: "the new minute" });
  });

  it("spreads the remaining calls over the remaining time if others use the account too", async () => {
    const [first, second] = workers({ concurrency: 1_000 });
    await first.followRate({ limit: 6_000, remaining: 5, resetMs: 2_000 });
    const admittedAt: number[] = [];
    const since = performance.now();
    for (let call = 0; performance.now() - since < 1_500; call += 1) {
      const answer = await second.enter(`c${call}`);
      if (answer.kind === "entered") admittedAt.push(answer.enteredAt);
      else await sleep(10);
    }
    // One call every 400 ms, after a burst of one second's worth.
    expect(admittedAt.length).toBeGreaterThanOrEqual(3);
    expect(admittedAt.length).toBeLessThanOrEqual(8);
  });

  it("is written to Redis only when it is new", async () => {
    const [gate] = workers({ concurrency: 10, ratePerMinute: 60 });
    const before = Number((await connections[0]?.info("commandstats"))?.match(/cmdstat_evalsha:calls=(\d+)/)?.[1] ?? 0);
    for (let left = 59; left > 20; left -= 1)
      await gate.followRate({ limit: 60, remaining: left, resetMs: left * 1_000 }, 1);
    const after = Number((await connections[0]?.info("commandstats"))?.match(/cmdstat_evalsha:calls=(\d+)/)?.[1] ?? 0);
    expect(after - before).toBeLessThan(20);
  });
});

describe("a refusal for the rate", () => {
  it("holds for as long as the provider requests, and lowers a rate that the provider does not state", async () => {
    const [first, second] = workers({ concurrency: 10, ratePerMinute: 100, widenEveryMs: 200 });
    const at = await entered(first, "a");
    await first.leave("a");
    const lesson = await first.throttled("a", { cause: "rate", waitMs: 900, enteredAt: at, message: "too often" });
    expect(lesson).toMatchObject({ narrowed: true, concurrency: 10 });
    const state = await second.state();
    expect(state.ratePerMinute).toBeLessThan(100);
    expect(state).toMatchObject({ narrowedFor: "too often", heldFor: "too often" });
    expect((state.heldUntil ?? 0) - lesson.at).toBe(900);
    await until(async () => (await second.state()).ratePerMinute === 100, { what: "the whole rate again" });
  });

  it("lowers nothing if the provider states its rate", async () => {
    const [gate] = workers({ concurrency: 10, ratePerMinute: 100 });
    await gate.followRate({ limit: 80, remaining: 3, resetMs: 1_000 });
    const enteredAt = await entered(gate, "a");
    const lesson = await gate.throttled("a", { cause: "rate", waitMs: 50, enteredAt, message: "too often" });
    expect(lesson.narrowed).toBe(false);
  });
});
