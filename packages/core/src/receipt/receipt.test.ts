import { describe, expect, it } from "vitest";
import { disowned, EMPTY_RECEIPT, mayBeDraft, type Receipt, type Turn } from "./receipt.ts";

const SHOWN: Turn = { intentAt: 1, generation: 0, outputUrl: "https://cdn.test/a.png", outputAt: 2 };
const OPEN: Turn = { intentAt: 3, generation: 0 };

describe("a picture whose answer was not seen to end", () => {
  it.each<[string, boolean, readonly Turn[], number]>([
    ["may be a draft", true, [SHOWN], 0],
    ["is the result once its answer has ended", false, [{ ...SHOWN, finished: true }], 0],
    ["is the result where the next step was begun", false, [SHOWN, OPEN], 0],
    ["is the result where a newer session goes on from it", false, [SHOWN], 1],
    ["is not there where none was shown", false, [OPEN], 0],
    ["is not there where nothing was sent", false, [], 0],
  ])("%s", (_, expected, turns, generation) => {
    expect(mayBeDraft({ ...EMPTY_RECEIPT, turns, generation }, 0)).toBe(expected);
  });
});

describe("a receipt that was found under another portrait's number", () => {
  const order = { identity: "ana", photo: { etag: "a", sizeBytes: 1 } };
  const called: Receipt = { ...EMPTY_RECEIPT, order, attempts: 2, generation: 1, exchanges: 3, firstIntentAt: 1 };
  it.each<[string, Receipt, Partial<Receipt>]>([
    [
      "may have been paid for what is open",
      { ...called, turns: [{ ...OPEN, microUsd: 50_000 }] },
      { maybeBilled: true, maybeCalls: 1, maybeMicroUsd: 50_000 },
    ],
    [
      "may have been paid for what was seen, as its own portrait may find it",
      { ...called, paidTurns: 1, paidMicroUsd: 70_000, turns: [{ ...SHOWN, microUsd: 70_000 }] },
      { maybeBilled: true, maybeCalls: 1, maybeMicroUsd: 70_000 },
    ],
    ["cost nothing where nothing was sent", { ...called, turns: [] }, { maybeBilled: false }],
  ])("%s, and gives it nothing else", (_, receipt, money) => {
    const left = disowned(receipt);
    expect(left).toMatchObject({ ...money, paidTurns: 0, attempts: 0, generation: 0, exchanges: 0, turns: [] });
    expect([left.order, left.firstIntentAt]).toEqual([undefined, undefined]);
    expect(left.notes?.length ?? 0).toBe(left.maybeBilled ? 1 : 0);
  });
});
