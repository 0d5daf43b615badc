import { readFile } from "node:fs/promises";
import { describe, expect, it, test } from "vitest";
import type { CallsMicroUsd } from "../money/costs.ts";
import { isPresent, mayBePaid, type Call, type CallStatus } from "./call.ts";
import { isPaid, mayBeBilled, moneyOf, openCalls } from "./receipt-money.ts";
import { withForgotten, withGivenUp, withUnclear } from "./recall-transitions.ts";
import { EMPTY_RECEIPT, type Receipt } from "./receipt.ts";
import { withOutput } from "./transitions.ts";

const open: Call = { step: 0, at: 1, generation: 0, priceMicroUsd: 50, status: "intended" };
const second: Call = { ...open, step: 1, priceMicroUsd: 60 };
const withCalls = (...calls: readonly Call[]): Receipt => ({ ...EMPTY_RECEIPT, calls });
const NOTHING: CallsMicroUsd = { paid: 0, lost: 0, maybe: 0 };

/** For each status: whether the call is present, whether it may still be paid, and the sums that contain its price. */
const STATUSES: Readonly<Record<CallStatus, readonly [present: boolean, open: boolean, sums: Partial<CallsMicroUsd>]>> =
  {
    intended: [true, true, {}],
    unpaid: [true, false, {}],
    unclear: [true, true, { maybe: 50 }],
    answered: [true, false, { paid: 50 }],
    found: [true, false, {}],
    free: [false, false, {}],
    spent: [false, false, { paid: 50 }],
    lost: [false, false, { paid: 50, lost: 50 }],
    "given-up": [false, false, { maybe: 50 }],
  };

describe("a call", () => {
  it.each(Object.entries(STATUSES))("that is %s", (name, [present, mayStillBePaid, sums]) => {
    const status = name as CallStatus;
    const isSeen = status === "answered" || status === "found";
    const call: Call = { ...open, status, ...(isSeen ? { outputs: { urls: ["https://cdn.test/a.png"], at: 2 } } : {}) };
    const receipt = withCalls(call);
    expect(moneyOf(receipt)).toEqual({ ...NOTHING, ...sums });
    expect([isPresent(call), mayBePaid(call)]).toEqual([present, mayStillBePaid]);
    expect(isPaid(receipt)).toBe(sums.paid !== undefined);
    expect(mayBeBilled(receipt)).toBe(sums.maybe !== undefined || sums.lost !== undefined);
    expect(openCalls(receipt)).toEqual(status === "intended" ? [call] : []);
    const { priceMicroUsd: _, ...unpriced } = call;
    const unknown = Object.fromEntries(Object.keys(sums).map((sum) => [sum, null]));
    expect(moneyOf(withCalls(unpriced))).toEqual({ ...NOTHING, ...unknown });
  });
});

test("the docs list every status of a call, in order, and no other, with its sums", async () => {
  const doc = await readFile(new URL("../../../../docs/architecture.md", import.meta.url), "utf8");
  const section = /\n## Receipts\n([^]*?)\n## /.exec(doc)?.[1] ?? "";
  const rows = [...section.matchAll(/^\| `([\w-]+)` +\| (yes|no) +\| ([^|]*)\|/gm)].map((row) =>
    row.slice(1).map((cell) => cell.trim()),
  );
  const expected = Object.entries(STATUSES).map(([status, [present, , sums]]) => {
    const named = Object.keys(sums).map((sum) => `\`${sum}\``);
    return [status, present ? "yes" : "no", named.join(", ")];
  });
  expect(rows).toEqual(expected);
});

test("an open call counts once among those that may have been paid, and no longer once it is found", () => {
  const once = withUnclear(withCalls(open), 0);
  expect(withUnclear(once, 0)).toEqual(once);
  expect(moneyOf(once)).toEqual({ ...NOTHING, maybe: 50 });
  const found = withOutput(once, 0, { url: "https://cdn.test/a.png" }, 2);
  expect(moneyOf(found)).toEqual({ ...NOTHING, paid: 50 });
  expect(mayBeBilled(found)).toBe(false);
});

test("an earlier call stays when the later one is found", () => {
  const before = withCalls({ ...open, status: "given-up" }, open);
  const found = withOutput(withUnclear(before, 0), 0, { url: "https://cdn.test/a.png" }, 2);
  expect(moneyOf(found)).toEqual({ paid: 50, lost: 0, maybe: 50 });
});

test("after giving up, paid calls are lost and the others unclear, each at its own price", () => {
  const pictures: Call = { ...open, status: "answered", outputs: { urls: [], at: 2 } };
  const receipt = withCalls(
    pictures,
    { ...pictures, step: 1, priceMicroUsd: 60 },
    { ...second, step: 2, priceMicroUsd: 70 },
  );
  expect(moneyOf(withGivenUp(receipt, 0))).toEqual({ paid: 110, lost: 110, maybe: 70 });
  expect(moneyOf(withGivenUp(receipt, 1))).toEqual({ paid: 110, lost: 60, maybe: 70 });
  expect(moneyOf(withGivenUp(receipt, 2))).toEqual({ paid: 110, lost: 0, maybe: 70 });
});

test("counts every call that may have been forgotten, once", () => {
  const unsure = withForgotten(EMPTY_RECEIPT, [open, second]);
  expect(moneyOf(unsure)).toEqual({ ...NOTHING, maybe: 110 });
  expect(withForgotten(unsure, [second])).toBe(unsure);
  expect(unsure.firstIntentAt).toBeUndefined();
});
