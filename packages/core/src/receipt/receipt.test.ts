import { describe, expect, it } from "vitest";
import { attemptsOf } from "./attempts.ts";
import type { Call } from "./call.ts";
import { moneyOf } from "./receipt-money.ts";
import { EMPTY_RECEIPT, mayBeDraft, type Receipt } from "./receipt.ts";
import { disowned } from "./transitions.ts";

const OPEN: Call = { step: 0, at: 3, generation: 0, status: "intended" };
const SHOWN: Call = { ...OPEN, status: "answered", outputs: { urls: ["https://cdn.test/a.png"], at: 2 } };
const DONE: Call = { ...SHOWN, outputs: { urls: ["https://cdn.test/a.png"], at: 2, finished: true } };

describe("a picture whose answer was cut off", () => {
  it.each<[string, boolean, readonly Call[], number]>([
    ["may be a draft", true, [SHOWN], 0],
    ["is the result once its answer is complete", false, [DONE], 0],
    ["is the result if the next step has started", false, [SHOWN, { ...OPEN, step: 1 }], 0],
    ["is the result if a newer session continues from it", false, [SHOWN], 1],
    ["does not exist if none was seen", false, [OPEN], 0],
    ["does not exist if nothing was sent", false, [], 0],
  ])("%s", (_, expected, calls, generation) => {
    expect(mayBeDraft({ ...EMPTY_RECEIPT, calls, session: { generation, exchanges: 0 } }, 0)).toBe(expected);
  });
});

describe("a receipt found under another portrait's index", () => {
  const order = { identity: "ana", photo: { etag: "a", sizeBytes: 1 } };
  const session = { generation: 1, exchanges: 3 };
  const free: Call = { ...OPEN, status: "free", counts: "attempt" };
  const called: Receipt = { ...EMPTY_RECEIPT, order, session, firstIntentAt: 1 };
  it.each<[string, readonly Call[], maybeMicroUsd: number]>([
    ["may have been paid for an open call", [free, { ...OPEN, priceMicroUsd: 50_000 }], 50_000],
    [
      "may have been paid for a seen picture, which its own portrait may find",
      [free, { ...SHOWN, priceMicroUsd: 70_000 }],
      70_000,
    ],
    [
      "may have been paid for each of its calls",
      [
        { ...OPEN, status: "lost", priceMicroUsd: 50_000 },
        { ...SHOWN, priceMicroUsd: 70_000 },
      ],
      120_000,
    ],
    ["cost nothing if nothing was sent", [free], 0],
  ])("%s, and passes nothing else on", (_, calls, maybe) => {
    const left = disowned({ ...called, calls });
    expect(moneyOf(left)).toEqual({ paid: 0, lost: 0, maybe });
    expect([attemptsOf(left), left.session]).toEqual([0, EMPTY_RECEIPT.session]);
    expect([left.order, left.firstIntentAt]).toEqual([undefined, undefined]);
    expect(left.notes?.length ?? 0).toBe(maybe > 0 ? 1 : 0);
  });
});
