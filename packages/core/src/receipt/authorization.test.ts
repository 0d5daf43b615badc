import { describe, expect, it } from "vitest";
import { heldMicroUsd, incurredMicroUsd, withAuthorization, withoutAuthorization } from "./authorization.ts";
import { EMPTY_RECEIPT, withMaybe, withoutTurns, type Receipt, type Turn } from "./receipt.ts";

/** Two steps, of 0.02 and 0.08 USD. */
const STEPS = [0.02, 0.08];
const first: Turn = { intentAt: 1, generation: 0, microUsd: 20_000 };
const second: Turn = { intentAt: 2, generation: 0, microUsd: 80_000 };
const shown = (turn: Turn): Turn => ({ ...turn, outputUrl: "https://cdn.test/a.png", outputAt: 3 });
const CALLED: Receipt = { ...EMPTY_RECEIPT, firstIntentAt: 1, steps: 2 };
const HALF: Receipt = { ...CALLED, paidTurns: 1, paidMicroUsd: 20_000, turns: [shown(first)] };
const PAID: Receipt = { ...CALLED, paidTurns: 2, paidMicroUsd: 100_000, turns: [shown(first), shown(second)] };

describe("a portrait", () => {
  it.each<[string, Receipt, incurred: number, authorized: number]>([
    ["that intends its first call", { ...CALLED, turns: [first] }, 20_000, 100_000],
    ["that has no call yet", CALLED, 0, 100_000],
    ["whose forgotten call is only asked for", { ...EMPTY_RECEIPT, turns: [first] }, 0, 80_000],
    ["whose first step is paid", HALF, 20_000, 100_000],
    ["that intends its last call", { ...HALF, turns: [shown(first), second] }, 100_000, 100_000],
    ["whose every step is paid", PAID, 100_000, 100_000],
    ["whose first call cost nothing", { ...CALLED, turns: [{ ...first, unpaid: true }] }, 0, 80_000],
    [
      "whose last call may have been paid, and is made again",
      { ...withMaybe({ ...HALF, turns: [shown(first), second] }, 1), turns: [shown(first), second] },
      180_000,
      180_000,
    ],
    ["whose pictures are lost, and is begun again", { ...withoutTurns(PAID, 0), turns: [first] }, 120_000, 200_000],
    [
      "whose last call may have been paid, and is not made again",
      withMaybe({ ...HALF, turns: [shown(first), second] }, 1),
      100_000,
      100_000,
    ],
  ])("%s may have cost, and may come to, so much", (_, receipt, incurred, authorized) => {
    expect(incurredMicroUsd(receipt)).toBe(incurred);
    expect(withAuthorization(receipt, STEPS)?.authorizedMicroUsd).toBe(authorized);
  });

  it("holds what was authorized until its calls may have cost more, and those where that is voided", () => {
    const held = { ...HALF, authorizedMicroUsd: 100_000 };
    expect(heldMicroUsd(held)).toBe(100_000);
    expect(heldMicroUsd({ ...held, maybeMicroUsd: 90_000 })).toBe(110_000);
    expect(heldMicroUsd(withoutAuthorization(held))).toBe(20_000);
  });

  it.each<[string, Receipt, (number | undefined)[]]>([
    ["a later step", CALLED, [0.02, undefined]],
    ["its call", { ...CALLED, turns: [{ intentAt: 1, generation: 0 }] }, [undefined, 0.08]],
    ["a call that was paid", { ...HALF, paidMicroUsd: null }, STEPS],
  ])("is authorized for nothing where %s has no price", (_, receipt, prices) => {
    expect(withAuthorization(receipt, prices)).toBeUndefined();
  });
});
