import { afterEach, describe, expect, it } from "vitest";
import { closeRedis, connectRedis } from "@darkroom/redis-kit";
import { testNamespace, testRedisUrl, until } from "@darkroom/testkit";
import { Gate, Lane, type GateAnswer, type LaneConnection } from "../src/index.ts";

type Cleanup = () => Promise<unknown>;
const cleanups: Cleanup[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** Opens one lane in two processes. */
function open(limits: { readonly leaseMs?: number; readonly firstProbeMs?: number } = {}) {
  const { leaseMs = 60_000, firstProbeMs = 30 } = limits;
  const namespace = testNamespace();
  const connection: LaneConnection = { redisUrl: testRedisUrl(), namespace, onError: () => undefined };
  const each = () => {
    const redis = connectRedis({ url: testRedisUrl(), name: "blocked-test", onError: () => undefined });
    const lane = new Lane(connection, redis, "each-sense", { firstProbeMs });
    cleanups.push(async () => {
      await lane.close();
      await closeRedis(redis);
    });
    return { lane, gate: new Gate(redis, namespace, "each-sense", { concurrency: 10, leaseMs }) };
  };
  return [each(), each()] as const;
}

async function inside(gate: Gate, call: string): Promise<Extract<GateAnswer, { kind: "entered" }>> {
  const answer = await gate.enter(call);
  if (answer.kind !== "entered") throw new Error(`${call} is told: ${answer.kind}`);
  return answer;
}

const due = async (lane: Lane): Promise<void> => {
  await until(() => lane.probeIfDue(), { what: "a probe's time" });
};

describe("a blocked lane's gate", () => {
  it("is closed to all workers at once, and a due probe opens it for one call", async () => {
    const [first, second] = open();
    const { enteredAt } = await inside(first.gate, "refused");
    await first.gate.leave("refused");
    expect(await first.lane.block("balance", "top up", { leaseId: "refused", enteredAt })).toBe(true);
    expect((await second.gate.enter("a")).kind).toBe("blocked");
    expect(await second.lane.blocked()).toMatchObject({ reason: "balance", message: "top up", probes: 0 });
    await due(first.lane);
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, call) => (call % 2 === 0 ? first : second).gate.enter(`c${call}`)),
    );
    expect(answers.filter(({ kind }) => kind === "entered")).toMatchObject([{ probing: true }]);
    expect(answers.filter(({ kind }) => kind === "blocked")).toHaveLength(29);
  });

  it("opens one probe only, even if several producers find it due", async () => {
    const [first, second] = open();
    await first.lane.block("balance", "top up");
    await until(async () => Date.now() > ((await first.lane.blocked())?.probeAt ?? Infinity), { what: "its time" });
    const opened = await Promise.all([first, second, first, second].map(({ lane }) => lane.probeIfDue()));
    expect(opened.filter(Boolean)).toHaveLength(1);
  });

  it("admits its probe again if the answer was lost with the connection", async () => {
    const [first, second] = open();
    await first.lane.block("auth", "a bad key");
    await due(first.lane);
    expect((await inside(first.gate, "probe")).probing).toBe(true);
    expect((await inside(first.gate, "probe")).probing).toBe(true);
    expect((await second.gate.enter("other")).kind).toBe("blocked");
  });
});

describe("a probe", () => {
  it("that is refused postpones the next one; other refused calls do not", async () => {
    const [first, second] = open();
    await first.lane.block("balance", "top up");
    await due(first.lane);
    const { enteredAt } = await inside(first.gate, "probe");
    await first.gate.leave("probe");
    expect(await second.lane.block("balance", "top up", { leaseId: "late", enteredAt })).toBe(false);
    expect(await second.lane.blocked()).toMatchObject({ probes: 0 });
    // A different reason counts as new.
    expect(await first.lane.block("auth", "a bad key", { leaseId: "probe", enteredAt })).toBe(true);
    expect(await second.lane.blocked()).toMatchObject({ probes: 1, reason: "auth", probingSince: null });
    expect((await first.gate.enter("next")).kind).toBe("blocked");
  });

  it("whose worker dies is followed by another call", async () => {
    const [first, second] = open({ leaseMs: 300 });
    await first.lane.block("balance", "top up");
    await due(first.lane);
    expect((await inside(first.gate, "dead")).probing).toBe(true);
    expect((await second.gate.enter("next")).kind).toBe("blocked");
    const next = await until(
      async () => {
        const answer = await second.gate.enter("next");
        return answer.kind === "entered" ? answer : undefined;
      },
      { what: "the dead probe's place" },
    );
    expect(next.probing).toBe(true);
    expect(await second.lane.unblock(10, "next")).toBe(true);
    expect(await first.lane.blocked()).toBeUndefined();
  });

  it("of a cancelled portrait is inconclusive and is followed by another call", { timeout: 15_000 }, async () => {
    const [first, second] = open();
    await first.lane.block("balance", "top up");
    await due(first.lane);
    await inside(first.gate, "cancelled");
    await first.gate.leave("cancelled");
    // The probe may still report for a moment.
    expect((await second.gate.enter("next")).kind).toBe("blocked");
    await until(async () => (await second.gate.enter("next")).kind === "entered", { what: "the next probe" });
  });

  it("that was inconclusive leaves the lane blocked and is repeated", async () => {
    const [first] = open();
    await first.lane.block("balance", "top up");
    await due(first.lane);
    await inside(first.gate, "probe");
    await first.gate.leave("probe");
    await first.lane.deferProbe("probe");
    expect(await first.lane.blocked()).toMatchObject({ reason: "balance", probes: 0, probingSince: null });
    await due(first.lane);
  });

  it("without the gate counts as refused while no other call has taken its place", async () => {
    const [first] = open();
    await first.lane.block("outage", "away");
    await due(first.lane);
    expect(await first.lane.block("outage", "still away")).toBe(false);
    expect(await first.lane.blocked()).toMatchObject({ probes: 1, message: "still away", probingSince: null });
  });
});

describe("unblocking", () => {
  it("requires the probe's own answer after the account was refused", async () => {
    const [first, second] = open();
    await inside(second.gate, "before");
    await first.lane.block("balance", "top up");
    expect(await second.gate.leave("before", true)).toBe(false);
    expect(await second.lane.unblock(10, "before")).toBe(false);
    await due(first.lane);
    await inside(first.gate, "probe");
    expect(await first.gate.leave("probe", true)).toBe(false);
    expect(await first.lane.unblock(10, "probe")).toBe(true);
    expect((await second.gate.enter("after")).kind).toBe("entered");
  });

  it("is not undone by the refusal of an earlier call", async () => {
    const [first, second] = open();
    const late = await inside(second.gate, "late");
    await first.lane.block("balance", "top up");
    await due(first.lane);
    await inside(first.gate, "probe");
    expect(await first.lane.unblock(10, "probe")).toBe(true);
    await second.gate.leave("late");
    expect(await second.lane.block("balance", "top up", { leaseId: "late", enteredAt: late.enteredAt })).toBe(false);
    expect(await first.lane.blocked()).toBeUndefined();
  });

  it("after an outage requires only one answer, from any call", async () => {
    const [first, second] = open();
    await inside(second.gate, "before");
    await first.lane.block("outage", "away");
    expect(await second.gate.leave("before", true)).toBe(true);
    expect(await second.lane.unblock(10, "before")).toBe(true);
  });
});

describe("consecutive failures", () => {
  it("are counted across all workers, and any answer resets the count", async () => {
    const [first, second] = open();
    for (const nth of [1, 2, 3]) {
      const { enteredAt } = await inside(first.gate, `f${nth}`);
      await first.gate.leave(`f${nth}`);
      expect(await (nth % 2 === 0 ? first : second).gate.failed(`f${nth}`, enteredAt, 60_000)).toBe(nth);
    }
    const { enteredAt } = await inside(second.gate, "answered");
    await second.gate.leave("answered", true);
    expect(await first.gate.failed("f4", enteredAt, 60_000)).toBe(1);
  });

  it("older than the window do not count", async () => {
    const [first] = open();
    const { enteredAt } = await inside(first.gate, "f");
    expect(await first.gate.failed("f1", enteredAt, 60_000)).toBe(1);
    expect(await first.gate.failed("f2", enteredAt, 60_000)).toBe(2);
    await until(async () => (await first.gate.failed(`f${performance.now()}`, enteredAt, 1)) === 1, {
      what: "a row of one",
    });
  });

  it("belong to the outage once it has blocked the lane, and do not count in a lane blocked for another reason", async () => {
    const [first, second] = open();
    const { enteredAt } = await inside(first.gate, "f");
    await first.lane.block("outage", "away");
    expect(await second.gate.failed("f", enteredAt, 60_000)).toBe("outage");
    await first.lane.unblock(10);
    await first.lane.block("balance", "top up");
    expect(await second.gate.failed("f", enteredAt, 60_000)).toBe(0);
  });
});
