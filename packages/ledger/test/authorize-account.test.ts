import { afterAll, describe, expect, it } from "vitest";
import { EMPTY_RECEIPT, type Billed, type Receipt, type UsableKeys } from "@darkroom/core";
import { batchLedgerKeys } from "../src/index.ts";
import { batchSpec, openLedger, outcome, WAIT } from "./open-ledger.ts";

const { redis, namespace, ledger, close } = openLedger();
afterAll(close);

const LANE = "each-sense";
const CALLED: Receipt = {
  ...EMPTY_RECEIPT,
  firstIntentAt: 1,
  steps: 1,
  calls: [{ step: 0, at: 1, generation: 0, status: "intended" }],
};

/** A batch that was accepted with the account `ordered`. */
async function batch(): Promise<string> {
  const spec = batchSpec({ needs: { accounts: { [LANE]: "ordered" }, folders: [] } });
  await ledger.create(spec, { breaker: false });
  const fence = await ledger.beginIngest(spec.id);
  await ledger.countPart(spec.id, { fence, part: 0, rows: 4, rejected: [], end: {} });
  return spec.id;
}

/** Writes the intent of a call by an account. */
async function call(id: string, index: number, own: string, keys: Partial<UsableKeys> = {}) {
  const ordered = (await ledger.read(id))?.spec.needs?.accounts[LANE] ?? "";
  const account = { lane: LANE, ordered, keys: { own, former: [], refused: [], ...keys } };
  await ledger.claims.claim(id, index, `w/${index}`);
  return await ledger.money.authorize(id, index, `w/${index}`, { receipt: CALLED, before: EMPTY_RECEIPT, account });
}

/** The state after the account's refusal: the portrait waits, and no call is known. */
const refuse = async (id: string, index: number) => await leave(id, index, EMPTY_RECEIPT);

const leave = async (id: string, index: number, receipt: Receipt) =>
  await ledger.claims.leave(id, index, `w/${index}`, { state: "queued", wait: WAIT, receipt });

const other = (mark: string) => ({ kind: "other_account", mark });
const AUTHORIZED = { kind: "authorized" };

it("a batch stays with the account of its first call", async () => {
  const id = await batch();
  expect(await call(id, 0, "ordered")).toEqual(AUTHORIZED);
  expect(await call(id, 1, "another")).toEqual(other("ordered"));
  expect(await ledger.receipt(id, 1)).toBeUndefined();
  expect(await call(id, 2, "new", { former: ["ordered"] })).toEqual(AUTHORIZED);
  expect(await ledger.read(id)).toMatchObject({ spec: { needs: { accounts: { [LANE]: "new" } } } });
});

it("belongs to the account at its acceptance before any call", async () => {
  const id = await batch();
  expect(await call(id, 0, "another")).toEqual(other("ordered"));
  expect(await call(id, 1, "another", { refused: ["third"] })).toEqual(other("ordered"));
});

it("continues with another account if its key was refused before it worked, and stays with that one", async () => {
  const id = await batch();
  expect(await call(id, 0, "ordered")).toEqual(AUTHORIZED);
  await refuse(id, 0);
  expect(await call(id, 0, "mended", { refused: ["ordered"] })).toEqual(AUTHORIZED);
  expect(await call(id, 1, "ordered")).toEqual(other("mended"));
  expect(await call(id, 2, "third", { refused: ["ordered"] })).toEqual(other("mended"));
});

it("waits for its account while a call may still be in flight there, even if its key was refused otherwise", async () => {
  const id = await batch();
  expect(await call(id, 0, "ordered")).toEqual(AUTHORIZED);
  expect(await call(id, 1, "mended", { refused: ["ordered"] })).toEqual(other("ordered"));
  await refuse(id, 0);
  expect(await call(id, 1, "mended", { refused: ["ordered"] })).toEqual(AUTHORIZED);
});

describe("once a portrait has ended", () => {
  const settle = async (id: string, billed: Billed, lane?: string) => {
    const { kind } = await ledger.claims.settle(
      id,
      0,
      "w/0",
      outcome("provider_error", { billed, ...(lane && { lane }) }),
    );
    expect(kind).toBe("applied");
  };

  it.each(["yes", "maybe"] as const)(
    "a batch stays with an account that was billed for it (%s), even for a process that still counts its key as refused",
    async (billed) => {
      const id = await batch();
      expect(await call(id, 0, "ordered")).toEqual(AUTHORIZED);
      await settle(id, billed);
      expect(await call(id, 1, "another", { refused: ["ordered"] })).toEqual(other("ordered"));
      expect(await call(id, 2, "new", { former: ["ordered"] })).toEqual(AUTHORIZED);
      expect(await call(id, 3, "another", { refused: ["ordered", "new"] })).toEqual(other("new"));
    },
  );

  it("a batch also stays with it if the producer ended the portrait, because the batch was stopped", async () => {
    const id = await batch();
    expect(await call(id, 0, "ordered")).toEqual(AUTHORIZED);
    await leave(id, 0, CALLED);
    await ledger.claims.claim(id, 1, "w/1");
    await ledger.control.stop(id, { reason: "test", code: "cancelled", endsRunning: true });
    const { spec, endsRunning } = (await ledger.read(id)) ?? expect.fail();
    const seen = await ledger.stopped.seen({ spec, endsRunning }, [0]);
    expect(await ledger.stopped.end(id, seen, "cancelled")).toBe(1);
    expect(await call(id, 1, "another", { refused: ["ordered"] })).toEqual(other("ordered"));
  });

  it.each([
    ["nothing was billed", "no", undefined],
    ["another lane's account was billed", "yes", "phota"],
  ] as const)("a batch continues with another account if %s", async (_, billed, lane) => {
    const id = await batch();
    expect(await call(id, 0, "ordered")).toEqual(AUTHORIZED);
    await settle(id, billed, lane);
    expect(await call(id, 1, "mended", { refused: ["ordered"] })).toEqual(AUTHORIZED);
  });
});

it("waits for its account after it was recovered, because its earlier calls are unknown", async () => {
  const id = await batch();
  await redis.hset(batchLedgerKeys(namespace, id).meta, "recovered", 1);
  expect(await call(id, 0, "mended", { refused: ["ordered"] })).toEqual(other("ordered"));
  expect(await call(id, 1, "mended", { former: ["ordered"] })).toEqual(AUTHORIZED);
});
