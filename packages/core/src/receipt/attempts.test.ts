import { describe, expect, it } from "vitest";
import { attemptsOf, callsLeft, mostPaidCalls, outageCallsOf } from "./attempts.ts";
import type { Call, CallCounts } from "./call.ts";
import { withFound, withLostAnswer, withoutLostAnswer } from "./recall-transitions.ts";
import { EMPTY_RECEIPT, type Receipt } from "./receipt.ts";

const open: Call = { step: 0, at: 1, generation: 0, status: "intended" };
const withCalls = (...calls: readonly Call[]): Receipt => ({ ...EMPTY_RECEIPT, calls });
/** Two failed attempts, and a call during an outage whose answer is lost. */
const BEFORE: readonly Call[] = [
  { ...open, status: "free", counts: "attempt" },
  { ...open, status: "given-up", counts: "lost" },
  { ...open, status: "given-up", counts: "outage-lost" },
];

describe("how a call is counted", () => {
  it.each<[CallCounts | undefined, attempts: number, outageCalls: number]>([
    [undefined, 0, 0],
    ["attempt", 1, 0],
    ["lost", 1, 0],
    ["outage", 0, 0],
    ["outage-lost", 0, 1],
    ["nothing", 0, 0],
  ])("%s", (counts, attempts, outageCalls) => {
    const receipt = withCalls(...BEFORE, counts === undefined ? open : { ...open, counts });
    expect([attemptsOf(receipt), outageCallsOf(receipt)]).toEqual([2 + attempts, 1 + outageCalls]);
    expect(callsLeft(receipt, 9)).toBe(9 - 3 - attempts - outageCalls);
  });

  it("counts as an attempt each time its memory is silent, in addition to its failure", () => {
    expect(attemptsOf(withCalls({ ...open, status: "unclear", counts: "attempt", silences: 2 }))).toBe(3);
  });
});

describe("a call whose answer is lost", () => {
  const rows: readonly (readonly [string, Call | undefined, attempts: number, outageCalls: number])[] = [
    ["is an attempt", open, 1, 0],
    ["that the provider had started to answer is an attempt", { ...open, trace: "begun" }, 1, 0],
    [
      "whose pictures were seen and not stored is an attempt",
      { ...open, status: "answered", outputs: { urls: [], at: 2 } },
      1,
      0,
    ],
    ["that was counted when it failed is not counted again", { ...open, counts: "attempt" }, 1, 0],
    ["that never counts is not counted", { ...open, counts: "nothing" }, 0, 0],
    ["that failed in an outage is no attempt, and counts separately", { ...open, counts: "outage" }, 0, 1],
    ["that is known to be unpaid is none", { ...open, status: "unpaid" }, 0, 0],
    ["that is known to be unpaid, in an outage, counts nowhere", { ...open, status: "unpaid", counts: "outage" }, 0, 0],
    ["that was never made is none", undefined, 0, 0],
  ];
  it.each(rows)("%s", (_, call, attempts, outageCalls) => {
    const once = withLostAnswer(withCalls(...(call === undefined ? [] : [call])), 0);
    expect([attemptsOf(once), outageCallsOf(once)]).toEqual([attempts, outageCalls]);
    expect(callsLeft(once, 3)).toBe(3 - attempts - outageCalls);
    expect(withLostAnswer(once, 0)).toEqual(once);
  });

  it.each<[string, Call]>([
    ["an attempt", open],
    ["a call during an outage", { ...open, counts: "outage" }],
  ])("and no longer counts once it is found: %s", (_, call) => {
    const found = withoutLostAnswer(withLostAnswer(withCalls(call), 0), 0);
    expect([attemptsOf(found), outageCallsOf(found), found.lastFailure]).toEqual([0, 0, undefined]);
    expect(found.calls).toEqual([call]);
  });

  it.each<[string, CallCounts | undefined]>([
    ["a call that failed", "attempt"],
    ["one that was considered lost", "lost"],
    ["one of an outage that was considered lost", "outage-lost"],
    ["one of an outage", "outage"],
    ["one that never counts", "nothing"],
    ["one that no process has looked for yet", undefined],
  ])("is no failed attempt once it is found: %s", (_, counts) => {
    const call = { ...open, ...(counts === undefined ? {} : { counts }) };
    const found = withFound(withCalls(...BEFORE, call), call, "https://cdn.test/a.png", 2);
    expect([attemptsOf(found), outageCallsOf(found)]).toEqual([2, 1]);
    expect(found.calls.at(-1)).toMatchObject({ status: "answered", outputs: { urls: ["https://cdn.test/a.png"] } });
  });

  it("is reported if it was the last attempt", () => {
    const { lastFailure } = withLostAnswer(withCalls(open), 0);
    expect(lastFailure).toMatchObject({ code: "answer_lost", billed: "maybe" });
  });
});

it.each([
  // [attempts, steps, calls that can be billed]
  [1, 1, 1],
  [5, 1, 5],
  [5, 3, 15],
])("with %i attempts and %i steps, bills a portrait at most %i times", (attempts, steps, most) => {
  expect(mostPaidCalls(attempts, steps)).toBe(most);
});
