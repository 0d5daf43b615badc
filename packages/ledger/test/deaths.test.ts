import { afterAll, describe, expect, it } from "vitest";
import { DEATHS_OF_SUSPECT, DEATHS_THAT_PAUSE, EMPTY_RECEIPT, type OutcomeLine } from "@darkroom/core";
import { batchLedgerKeys } from "../src/index.ts";
import { batchSpec, openLedger, outcome, WAIT } from "./open-ledger.ts";

const opened = openLedger();
const { ledger, redis, namespace } = opened;
afterAll(async () => await opened.close());

async function batchOf(rows: number): Promise<string> {
  const spec = batchSpec();
  await ledger.create(spec, { breaker: false });
  const fence = await ledger.beginIngest(spec.id);
  await ledger.countPart(spec.id, { fence, part: 0, rows, rejected: [], end: {} });
  return spec.id;
}

describe("deaths", () => {
  const deathsOf = async (id: string) => await ledger.deaths(id, 0);

  it("are counted once at a takeover from another worker, and returned with the claim", async () => {
    const id = await batchOf(1);
    expect(await ledger.claims.claim(id, 0, "a/1")).toMatchObject({ kind: "claimed", deaths: { all: 0, alone: 0 } });
    expect(await ledger.claims.claim(id, 0, "b/1", { takeOver: "a/0" })).toMatchObject({ kind: "held" });
    expect(await deathsOf(id)).toEqual({ all: 0, alone: 0 });
    const taken = { kind: "claimed", deaths: { all: 1, alone: 0 } };
    expect(await ledger.claims.claim(id, 0, "b/1", { takeOver: "a/1" })).toMatchObject(taken);
    // Only the reply was lost, with the connection.
    expect(await ledger.claims.claim(id, 0, "b/1", { takeOver: "a/1" })).toMatchObject(taken);
    // A worker finds its own orphaned claim.
    expect(await ledger.claims.claim(id, 0, "b/2", { takeOver: "b/1" })).toMatchObject(taken);
    await ledger.claims.leave(id, 0, "b/2", { state: "queued", wait: WAIT });
    expect(await ledger.claims.claim(id, 0, "c/1")).toMatchObject(taken);
  });

  it("are counted when a dead worker's portrait is requeued, but not when a live one releases it", async () => {
    const id = await batchOf(1);
    await ledger.claims.claim(id, 0, "a/1");
    await ledger.backlog.requeueLost(id, new Map([[0, "a/1"]]), "cancelled", "alive");
    expect(await deathsOf(id)).toEqual({ all: 0, alone: 0 });
    await ledger.claims.claim(id, 0, "a/2");
    const lost = new Map([[0, "a/2"]]);
    await ledger.backlog.requeueLost(id, lost, "cancelled", "dead");
    await ledger.backlog.requeueLost(id, lost, "cancelled", "dead");
    // The portrait's job was lost, and no worker had claimed it.
    await ledger.backlog.requeueLost(id, new Map([[0, ""]]), "cancelled", "dead");
    expect(await deathsOf(id)).toEqual({ all: 1, alone: 0 });
  });

  it("of a process that had the portrait alone are counted for the holder of the claim", async () => {
    const id = await batchOf(1);
    await ledger.claims.claim(id, 0, "a/1");
    const receipt = { ...EMPTY_RECEIPT, storageFailures: 2 };
    await ledger.claims.writeReceipt(id, 0, "a/1", receipt);
    expect(await ledger.claims.countDeathAlone(id, 0, "b/1")).toBeUndefined();
    expect(await ledger.claims.countDeathAlone(id, 0, "a/1")).toEqual({ alone: 1, receipt });
    expect(await ledger.claims.countDeathAlone(id, 0, "a/1")).toMatchObject({ alone: 2 });
    expect(await deathsOf(id)).toEqual({ all: 0, alone: 2 });
  });

  it.each(["settled", "cancelled"])("are forgotten when the portrait is %s", async (way) => {
    const id = await batchOf(1);
    await ledger.claims.claim(id, 0, "a/1");
    await ledger.claims.claim(id, 0, "b/1", { takeOver: "a/1" });
    await ledger.claims.countDeathAlone(id, 0, "b/1");
    if (way === "settled") await ledger.claims.settle(id, 0, "b/1", outcome("ok"));
    else {
      await ledger.control.cancel(id, "");
      await ledger.backlog.requeueLost(id, new Map([[0, "b/1"]]), "cancelled", "dead");
    }
    expect(await redis.exists(batchLedgerKeys(namespace, id).deaths)).toBe(0);
  });

  it("make a suspect of a portrait that is reopened after it killed processes", async () => {
    const id = await batchOf(2);
    for (const index of [0, 1]) await ledger.claims.claim(id, index, `a/${index}`);
    await ledger.claims.settle(id, 0, "a/0", outcome("worker_died"));
    await ledger.claims.settle(id, 1, "a/1", outcome("internal"));
    const round = await ledger.control.beginRound(id, {
      at: 1,
      codes: ["worker_died", "internal"],
      recipe: batchSpec().recipe,
    });
    if (round.kind !== "begun") throw new Error(round.kind);
    const ended = new Map<number, Pick<OutcomeLine, "code">>([
      [0, { code: "worker_died" }],
      [1, { code: "internal" }],
    ]);
    await ledger.control.reopen(id, round.number, ended);
    await ledger.control.endReopening(id, round.number);
    expect((await ledger.deaths(id, 0)).all).toBe(DEATHS_OF_SUSPECT);
    expect((await ledger.deaths(id, 1)).all).toBe(0);
  });

  it("pause a batch whose workers die however the portrait is run, with a reason, and again after a resume", async () => {
    const id = await batchOf(1);
    await ledger.claims.claim(id, 0, "w0/1");
    const takeOver = async (to: number) => await ledger.claims.claim(id, 0, `w${to}/1`, { takeOver: `w${to - 1}/1` });
    for (let to = 1; to < DEATHS_THAT_PAUSE; to += 1) expect((await takeOver(to)).kind).toBe("claimed");
    expect((await takeOver(DEATHS_THAT_PAUSE)).kind).toBe("parked");
    const paused = await ledger.read(id);
    expect(paused).toMatchObject({ state: "paused", pausedBy: "breaker", counts: { pending: 1, running: 0 } });
    expect(paused?.reason).toContain(`${DEATHS_THAT_PAUSE} workers died`);
    await ledger.control.resume(id);
    expect(await ledger.claims.claim(id, 0, "x/1")).toMatchObject({
      kind: "claimed",
      deaths: { all: DEATHS_THAT_PAUSE },
    });
  });
});
