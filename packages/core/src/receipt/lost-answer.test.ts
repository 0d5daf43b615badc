import { describe, expect, it } from "vitest";
import { callsLeft, mostPaidCalls, withFound, withLostAnswer, withoutLostAnswer } from "./lost-answer.ts";
import { EMPTY_RECEIPT, type Turn } from "./receipt.ts";

const open: Turn = { intentAt: 1, generation: 0 };

describe("a call whose answer is lost", () => {
  const rows: readonly (readonly [string, Turn | undefined, attempts: number, outageCalls: number])[] = [
    ["is an attempt", open, 1, 0],
    ["that the provider had begun to answer is an attempt", { ...open, begun: true }, 1, 0],
    ["whose pictures were seen and not stored is an attempt", { ...open, outputAt: 2 }, 1, 0],
    ["that failed before is none again", { ...open, counted: true }, 0, 0],
    ["that was counted when it failed is none again", { ...open, counted: "failed" }, 0, 0],
    ["that failed in an outage is none, and counts beside them", { ...open, counted: "outage" }, 0, 1],
    ["that is known to be unpaid is none", { ...open, unpaid: true }, 0, 0],
    ["that is known to be unpaid, in an outage, counts nowhere", { ...open, unpaid: true, counted: "outage" }, 0, 0],
    ["that was never made is none", undefined, 0, 0],
  ];
  it.each(rows)("%s", (_, turn, attempts, outageCalls) => {
    const receipt = { ...EMPTY_RECEIPT, turns: turn === undefined ? [] : [turn] };
    const once = withLostAnswer(receipt, 0);
    expect([once.attempts, once.outageCalls ?? 0]).toEqual([attempts, outageCalls]);
    expect(callsLeft(once, 3)).toBe(3 - attempts - outageCalls);
    expect(withLostAnswer(once, 0)).toEqual(once);
  });

  it.each<[string, Turn]>([
    ["an attempt", open],
    ["a call of an outage", { ...open, counted: "outage" }],
  ])("and is found after all counts no more: %s", (_, turn) => {
    const receipt = { ...EMPTY_RECEIPT, turns: [turn] };
    const found = withoutLostAnswer(withLostAnswer(receipt, 0), 0);
    expect([found.attempts, found.outageCalls ?? 0, found.lastFailure]).toEqual([0, 0, undefined]);
    expect(found.turns).toEqual([turn]);
  });

  it.each<[string, Turn["counted"], attempts: number, outageCalls: number]>([
    ["a call that failed", "failed", 1, 1],
    ["one that was taken for lost", "lost", 1, 1],
    ["one of an outage that was taken for lost", "outage-lost", 2, 0],
    ["one of an outage", "outage", 2, 1],
    ["one that no attempt was counted for", true, 2, 1],
    ["one that nobody has looked for yet", undefined, 2, 1],
  ])("is no failed attempt once it is found: %s", (_, counted, attempts, outageCalls) => {
    const turn = { ...open, ...(counted === undefined ? {} : { counted }) };
    const found = withFound({ ...EMPTY_RECEIPT, attempts: 2, outageCalls: 1, turns: [turn] }, 0);
    expect([found.attempts, found.outageCalls]).toEqual([attempts, outageCalls]);
    expect(withFound(found, 0).attempts).toBe(attempts);
  });

  it("is told where it was the last attempt", () => {
    const { lastFailure } = withLostAnswer({ ...EMPTY_RECEIPT, turns: [open] }, 0);
    expect(lastFailure).toMatchObject({ code: "answer_lost", billed: "maybe" });
  });
});

it.each([
  // attempts, steps: calls that can be billed
  [1, 1, 1],
  [5, 1, 5],
  [5, 3, 15],
])("with %i attempts and %i steps a portrait is billed %i times at most", (attempts, steps, most) => {
  expect(mostPaidCalls(attempts, steps)).toBe(most);
});
