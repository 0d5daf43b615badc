import { afterAll, describe, expect, test } from "vitest";
import { type Call, EMPTY_RECEIPT, type Receipt, WAIT_REASONS, type WaitReason } from "@darkroom/core";
import { batchSpec, openLedger, outcome } from "./open-ledger.ts";

const { ledger, close } = openLedger();
afterAll(close);

const AT = 1_700_000_000_000;
const OPEN: Call = { step: 0, at: AT, generation: 0, status: "intended" };
const CALLED: Receipt = { ...EMPTY_RECEIPT, firstIntentAt: AT, steps: 1, calls: [OPEN] };
const WHOLE: Receipt = {
  ...CALLED,
  calls: [{ ...OPEN, status: "answered", outputs: { urls: ["https://cdn.test/1.jpg"], at: AT } }],
};
/** The first of two steps. */
const HALF: Receipt = { ...WHOLE, steps: 2 };

async function batchOf(rows: number): Promise<string> {
  const spec = batchSpec();
  await ledger.create(spec);
  const fence = await ledger.beginIngest(spec.id);
  await ledger.countPart(spec.id, { fence, part: 0, rows, rejected: [], end: {} });
  return spec.id;
}

const token = (index: number): string => `w/${index}`;

async function claim(id: string, index: number, mostStuck?: number) {
  return await ledger.claims.claim(id, index, token(index), mostStuck === undefined ? {} : { mostStuck });
}

/** Claims a portrait with this receipt, and delays it. */
async function putOff(id: string, index: number, receipt: Receipt, reason: WaitReason = "storage"): Promise<void> {
  expect((await claim(id, index)).kind).toBe("claimed");
  const wait = { reason, delayMs: 60_000, message: "refused" };
  await ledger.claims.leave(id, index, token(index), { state: "retrying", wait, receipt });
}

const stuckOf = async (id: string): Promise<number | undefined> => (await ledger.read(id))?.stuck;

describe("a paid result", () => {
  test.each([...WAIT_REASONS])("that waits for %s counts if it could not be fetched or stored", async (reason) => {
    const id = await batchOf(1);
    await putOff(id, 0, WHOLE, reason);
    expect(await stuckOf(id)).toBe(reason === "storage" || reason === "result" ? 1 : 0);
    expect((await ledger.readForDispatch(id))?.stuck).toBe(await stuckOf(id));
  });

  test.each([
    ["was not called for", EMPTY_RECEIPT, 0],
    ["may have been paid", CALLED, 0],
    ["is paid in part", HALF, 1],
    ["is paid", WHOLE, 1],
  ])("of a portrait that %s", async (_, receipt, count) => {
    const id = await batchOf(1);
    await putOff(id, 0, receipt);
    expect(await stuckOf(id)).toBe(count);
  });

  test("counts until it ends, waits for a provider or a blocked destination, or is pending again", async () => {
    const id = await batchOf(4);
    for (const index of [0, 1, 2, 3]) await putOff(id, index, WHOLE);
    await putOff(id, 0, WHOLE, "handed_back");
    expect(await claim(id, 0, 4)).toMatchObject({ kind: "claimed", stuck: 0 });
    await putOff(id, 0, WHOLE, "handed_back");
    expect(await claim(id, 0, 3)).toMatchObject({ kind: "claimed", stuck: 4 });
    expect(await stuckOf(id)).toBe(4);
    await ledger.claims.settle(id, 0, token(0), outcome("ok"));
    expect(await stuckOf(id)).toBe(3);
    await putOff(id, 1, WHOLE, "destination_blocked");
    expect(await stuckOf(id)).toBe(2);
    await ledger.backlog.park(id, 2);
    expect(await stuckOf(id)).toBe(1);
    await ledger.claims.claim(id, 3, token(3), { resting: { lookInMs: 5_000 } });
    expect(await stuckOf(id)).toBe(0);
  });
});

describe("while too many paid results wait", () => {
  test.each([
    ["was not called for", EMPTY_RECEIPT, "parked"],
    ["may have been paid, at a provider that cannot be asked", { ...CALLED, forgets: true }, "parked"],
    ["may have been paid, and is asked for", CALLED, "claimed"],
    ["is paid in part", HALF, "claimed"],
    ["is paid", WHOLE, "claimed"],
  ])("a portrait that %s is %s", async (_, receipt, kind) => {
    const id = await batchOf(4);
    for (const index of [0, 1, 2]) await putOff(id, index, WHOLE);
    await putOff(id, 3, receipt, "provider_retry");
    expect((await claim(id, 3, 2)).kind).toBe(kind);
  });

  test("a running one continues, and another starts once few enough wait", async () => {
    const id = await batchOf(4);
    expect((await claim(id, 3)).kind).toBe("claimed");
    for (const index of [0, 1, 2]) await putOff(id, index, WHOLE);
    expect((await claim(id, 3, 2)).kind).toBe("claimed");
    await ledger.claims.leave(id, 3, token(3), { state: "queued", wait: { reason: "rate_limit", delayMs: 0 } });
    expect((await claim(id, 3, 3)).kind).toBe("claimed");
  });

  test("a cancelled one is ended", async () => {
    const id = await batchOf(3);
    for (const index of [0, 1]) await putOff(id, index, WHOLE);
    await putOff(id, 2, EMPTY_RECEIPT, "provider_retry");
    await ledger.control.cancel(id, "by a person");
    expect(await claim(id, 2, 1)).toMatchObject({ kind: "claimed", cancelled: true });
  });
});

test("portraits that wait for a reason are found, the next ones first, except those that are due at once", async () => {
  const id = await batchOf(4);
  for (const [index, delayMs] of [30_000, 0, 20_000, 10_000].entries()) {
    await claim(id, index);
    const wait = { reason: index === 3 ? "result" : "storage", delayMs } as const;
    await ledger.claims.leave(id, index, token(index), { state: "retrying", wait, receipt: WHOLE });
  }
  expect(await ledger.waits.next(id, "storage", 5)).toEqual([2, 0]);
  expect(await ledger.waits.next(id, "storage", 1)).toEqual([2]);
});
