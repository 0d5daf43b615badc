import { attemptsOf, EMPTY_RECEIPT, type Receipt } from "@darkroom/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Gate, Lane } from "@darkroom/lanes";
import { closeRedis, connectRedis, type RedisConnection } from "@darkroom/redis-kit";
import { createLogger, createMetrics } from "@darkroom/runtime";
import { testNamespace, testRedisUrl, until } from "@darkroom/testkit";
import type { PortraitRun } from "../run/portrait-run.ts";
import type { RunDecision } from "../run/run-ending.ts";
import type { Pass } from "./pass.ts";
import { refusedByAccount } from "./account-refusal.ts";

const CONTEXT = { log: createLogger({ level: "silent", name: "test" }), metrics: createMetrics() };

let redis: RedisConnection;
let lane: Lane;
let withOtherKey: Lane;
let gate: Gate;
beforeEach(() => {
  const namespace = testNamespace();
  redis = connectRedis({ url: testRedisUrl(), name: "refused-test", onError: () => undefined });
  const connection = { redisUrl: testRedisUrl(), namespace, onError: () => undefined };
  lane = new Lane(connection, redis, "each-sense", { firstProbeMs: 5, keyMark: "key" });
  withOtherKey = new Lane(connection, redis, "each-sense", { firstProbeMs: 5, keyMark: "new key" });
  gate = new Gate(redis, namespace, "each-sense", { concurrency: 10 });
});
afterEach(async () => {
  await lane.close();
  await withOtherKey.close();
  await closeRedis(redis);
});

/** Redis' clock has a resolution of 1 ms, so events must happen in different milliseconds to be ordered. */
async function enter(call: string): Promise<Pass> {
  const { at } = await gate.state();
  await until(async () => (await gate.state()).at > at, { what: "the clock", everyMs: 1 });
  return await until(
    async () => {
      await lane.probeIfDue();
      const answer = await gate.enter(call);
      if (answer.kind !== "entered") return undefined;
      const { probing, enteredAt, intervalMs } = answer;
      return { probing, enteredAt, intervalMs };
    },
    { what: `${call} to pass the gate`, everyMs: 2 },
  );
}

/** Calls the portrait with a refusal, which blocks the lane. */
async function refuse(receipt: Receipt, reason: "auth" | "balance", step = 0): Promise<RunDecision> {
  const pass = await enter("portrait");
  await gate.leave("portrait");
  const call = { step, pass, receipt };
  const claim = { spec: { id: "batch" }, index: 7, token: "portrait" };
  const run = { context: CONTEXT, lane: { lane }, claim, receipt } as unknown as PortraitRun;
  const decision = await refusedByAccount(run, { reason, message: "no" }, call);
  if (decision.ending.kind === "blocked")
    await lane.block(reason, "no", { leaseId: "portrait", enteredAt: pass.enteredAt });
  return decision;
}

/** Sends another portrait as the probe. */
async function probe(answered: boolean, by = lane): Promise<void> {
  const { enteredAt } = await enter("other");
  await gate.leave("other", answered);
  if (answered) await by.unblock(10, "other");
  else await lane.block("balance", "no", { leaseId: "other", enteredAt });
}

function waits({ receipt, ending }: RunDecision): Receipt {
  if (ending.kind !== "blocked") throw new Error(`it ends: ${ending.kind}`);
  return receipt;
}

describe("a portrait that the account refuses", () => {
  it.each([
    ["auth", 3],
    ["balance", 5],
  ] as const)(
    "for %s, while it answers others, fails at refusal %i without blocking its lane",
    async (reason, most) => {
      let receipt: Receipt = EMPTY_RECEIPT;
      for (let nth = 1; nth < most; nth += 1) {
        receipt = waits(await refuse(receipt, reason));
        expect(attemptsOf(receipt)).toBe(0);
        await probe(true);
      }
      const { ending } = await refuse(receipt, reason);
      expect(ending).toMatchObject({ kind: "settle", outcome: { code: "invalid_request", billed: "no", costUsd: 0 } });
      expect(await lane.blocked()).toBeUndefined();
    },
  );

  it("keeps waiting while the account refuses others, too, or answers no other in between", async () => {
    let receipt: Receipt = EMPTY_RECEIPT;
    for (let nth = 1; nth <= 6; nth += 1) {
      receipt = waits(await refuse(receipt, "balance"));
      receipt = waits(await refuse(receipt, "balance"));
      await probe(false);
      await probe(true);
    }
    expect(receipt.refused?.times).toBe(1);
  });

  it("because of a key that worked for another before and afterwards, fails even without other portraits", async () => {
    let receipt = waits(await refuse(EMPTY_RECEIPT, "auth"));
    await probe(true);
    receipt = waits(await refuse(receipt, "auth"));
    expect((await refuse(receipt, "auth")).ending.kind).toBe("settle");
  });

  it("keeps waiting if another worker has a key that works", async () => {
    let receipt: Receipt = EMPTY_RECEIPT;
    for (let nth = 1; nth <= 4; nth += 1) {
      receipt = waits(await refuse(receipt, "auth"));
      await probe(true, withOtherKey);
    }
    expect(receipt.refused?.times).toBe(1);
  });

  it("is counted from the start for another reason", async () => {
    let receipt: Receipt = EMPTY_RECEIPT;
    for (const reason of ["balance", "balance", "auth"] as const) {
      receipt = waits(await refuse(receipt, reason));
      await probe(true);
    }
    expect(receipt.refused).toMatchObject({ reason: "auth", times: 1 });
  });

  it("keeps waiting if a user reports that the account works again", async () => {
    let receipt: Receipt = EMPTY_RECEIPT;
    for (let nth = 1; nth <= 4; nth += 1) {
      receipt = waits(await refuse(receipt, "auth"));
      expect(await lane.unblock(10)).toBe(true);
    }
    expect(receipt.refused?.times).toBe(1);
  });

  it("in another step is counted from the start, and keeps the cost of earlier steps", async () => {
    let receipt: Receipt = {
      ...EMPTY_RECEIPT,
      firstIntentAt: 1,
      calls: [
        {
          step: 0,
          at: 1,
          generation: 0,
          priceMicroUsd: 500_000,
          status: "answered",
          outputs: { urls: ["https://cdn.test/a.jpg"], at: 2 },
        },
      ],
    };
    for (const step of [0, 0, 1, 1]) {
      receipt = waits(await refuse(receipt, "auth", step));
      await probe(true);
    }
    const { ending } = await refuse(receipt, "auth", 1);
    expect(ending).toMatchObject({ kind: "settle", outcome: { billed: "yes", costUsd: 0, lostUsd: 0.5 } });
  });

  it("leaves the probe to another portrait when it fails", async () => {
    let receipt: Receipt = EMPTY_RECEIPT;
    for (const _ of [1, 2]) {
      receipt = waits(await refuse(receipt, "auth"));
      await probe(true);
    }
    await lane.block("auth", "no");
    expect((await refuse(receipt, "auth")).ending.kind).toBe("settle");
    expect(await lane.blocked()).toMatchObject({ probes: 0, probingSince: null });
    await probe(true);
    expect(await lane.blocked()).toBeUndefined();
  });
});
