import { isDeepStrictEqual } from "node:util";
import { afterAll, describe, expect, it } from "vitest";
import { resolveRecipe } from "@darkroom/core";
import type { BatchRecord, Order } from "../src/index.ts";
import { batchSpec, openLedger, outcome } from "./open-ledger.ts";

const { ledger, close } = openLedger();
afterAll(close);

const { control } = ledger;
const ROUND = { at: 1, codes: ["timeout" as const], recipe: resolveRecipe({ preset: "skin-smoothing", mode: "eco" }) };

/** A running batch of two portraits. */
async function batch(overrides: Parameters<typeof batchSpec>[0] = {}) {
  const spec = batchSpec(overrides);
  const { id } = spec;
  await ledger.create(spec, { breaker: false });
  const fence = await ledger.beginIngest(id);
  await ledger.countPart(id, { fence, part: 0, rows: 2, rejected: [], end: {} });
  const read = async (): Promise<BatchRecord> => {
    const record = await ledger.read(id);
    if (record === undefined) throw new Error("no such batch");
    return record;
  };
  return { id, read };
}

async function fail(id: string, index: number): Promise<void> {
  await ledger.claims.claim(id, index, `t/${index}`);
  expect((await ledger.claims.settle(id, index, `t/${index}`, outcome("timeout"))).kind).toBe("applied");
}

const order = (id: string): Order => ({ id, says: "the same" });

describe("a repeated order", () => {
  it("starts one round, even after that round is over", async () => {
    const { id, read } = await batch();
    await fail(id, 0);
    expect(await control.beginRound(id, ROUND, { order: order("a") })).toEqual({ kind: "begun", number: 1 });
    await control.reopen(id, 1, new Map([[0, { code: "timeout" }]]));
    await control.endReopening(id, 1);
    await fail(id, 0);
    expect(await control.beginRound(id, ROUND, { order: order("a") })).toEqual({ kind: "begun", number: 1 });
    expect((await read()).rounds).toHaveLength(1);
  });

  it("gets the first answer, and does not undo later changes", async () => {
    const { id, read } = await batch();
    const paused = { kind: "done", state: "paused" };
    expect(await control.pause(id, "lunch", { order: order("a") })).toEqual(paused);
    await control.resume(id);
    expect(await control.pause(id, "lunch", { order: order("a") })).toEqual(paused);
    expect((await read()).state).toBe("running");
  });

  it("gets the first answer even if that changed nothing", async () => {
    const { id, read } = await batch();
    expect(await control.resume(id, undefined, order("a"))).toMatchObject({ kind: "done", state: "running" });
    await control.pause(id, "lunch");
    expect(await control.resume(id, undefined, order("a"))).toMatchObject({ kind: "done", state: "running" });
    expect((await read()).state).toBe("paused");
  });

  it("is rejected if its id was used for another order", async () => {
    const { id, read } = await batch();
    await control.pause(id, "lunch", { order: order("a") });
    expect((await control.cancel(id, "", { id: "a", says: "another" })).kind).toBe("other");
    expect(await control.answered(id, { id: "a", says: "another" })).toBe("other");
    expect(await control.answered(id, order("a"))).toBe("carried out");
    expect(await control.answered(id, order("b"))).toBeUndefined();
    expect((await read()).state).toBe("paused");
  });

  it("is carried out again if the first answer said to repeat it", async () => {
    const { id } = await batch();
    await fail(id, 0);
    await control.beginRound(id, ROUND);
    expect(await control.beginRound(id, ROUND, { order: order("a") })).toEqual({ kind: "busy" });
    await control.endReopening(id, 1);
    expect(await control.beginRound(id, ROUND, { order: order("a") })).toEqual({ kind: "begun", number: 2 });
  });

  it("is remembered for the newest of many", async () => {
    const { id } = await batch();
    for (let each = 0; each < 250; each += 1) await control.confirm(id, order(String(each)));
    expect(await control.answered(id, order("0"))).toBeUndefined();
    expect(await control.answered(id, order("100"))).toBe("carried out");
  });
});

describe("an order that is older than what it would undo", () => {
  /** Returns true if an older decision that arrives later is rejected and changes nothing. */
  const isRefused = async (
    does: (id: string) => Promise<unknown>,
    first: (id: string, made: Order) => Promise<{ readonly kind: string }>,
  ) => {
    const { id, read } = await batch({ control: { maxCostUsd: 1 } });
    await fail(id, 0);
    const made = { madeFor: await read() };
    await does(id);
    const before = await read();
    expect(await first(id, made)).toMatchObject({ kind: "stale", state: before.state });
    return isDeepStrictEqual(await read(), before);
  };

  it("does not end a newer pause", async () => {
    const refused = await isRefused(
      (id) => control.pause(id, "STOP SPENDING"),
      (id, made) => control.resume(id, undefined, made),
    );
    expect(refused).toBe(true);
  });

  it("does not pause a batch that was resumed since", async () => {
    const refused = await isRefused(
      async (id) => {
        await control.pause(id, "");
        await control.resume(id);
      },
      (id, made) => control.pause(id, "late", { order: made }),
    );
    expect(refused).toBe(true);
  });

  it("does not stop a retried batch, nor pause it", async () => {
    const retried = (id: string) => control.beginRound(id, ROUND);
    const refused = await isRefused(retried, (id, made) =>
      control.stop(id, { reason: "late", code: "deadline_passed", endsRunning: false }, made),
    );
    expect(refused).toBe(true);
    expect(await isRefused(retried, (id, made) => control.pause(id, "late", { order: made }))).toBe(true);
  });

  it("does not start a round of a batch that was cancelled, or retried, since", async () => {
    const refused = await isRefused(
      (id) => control.cancel(id, "wrong folder"),
      (id, made) => control.beginRound(id, ROUND, { order: made }),
    );
    expect(refused).toBe(true);
    const again = await isRefused(
      async (id) => {
        await control.beginRound(id, ROUND);
        await control.endReopening(id, 1);
      },
      (id, made) => control.beginRound(id, ROUND, { order: made }),
    );
    expect(again).toBe(true);
  });

  it("does not revert a newer budget", async () => {
    const refused = await isRefused(
      (id) => control.resume(id, 5_000_000),
      (id, made) => control.resume(id, 2_000_000, made),
    );
    expect(refused).toBe(true);
  });

  it("does not approve a pilot that was not complete then", async () => {
    const { id, read } = await batch({ control: { pilot: 1 } });
    const madeFor = await read();
    await control.choosePilot(id, [0]);
    await fail(id, 0);
    await control.endPilot(id);
    expect(await control.approve(id, { madeFor })).toEqual({ kind: "stale", state: "awaiting_approval" });
    expect(await control.approve(id, { madeFor: await read() })).toEqual({ kind: "done", state: "running" });
  });

  it("still lowers a budget that was not changed since", async () => {
    const { id, read } = await batch();
    const madeFor = await read();
    await control.pause(id, "lunch");
    expect(await control.cancel(id, "wrong folder", { madeFor })).toEqual({ kind: "done", state: "finishing" });
  });
});
