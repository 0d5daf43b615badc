import { describe, expect, it } from "vitest";
import { heldMicroUsd, incurredMicroUsd, withAuthorization, withoutAuthorization } from "./authorization.ts";
import type { Call } from "./call.ts";
import { withGivenUp, withUnclear } from "./recall-transitions.ts";
import { EMPTY_RECEIPT, type Receipt } from "./receipt.ts";

/** Two steps, at 0.02 and 0.08 USD. */
const STEPS = [0.02, 0.08];
const first: Call = { step: 0, at: 1, generation: 0, priceMicroUsd: 20_000, status: "intended" };
const second: Call = { step: 1, at: 2, generation: 0, priceMicroUsd: 80_000, status: "intended" };
const outputs = { urls: ["https://cdn.test/a.png"], at: 3 };
const shown = (call: Call): Call => ({ ...call, status: "answered", outputs });
const CALLED: Receipt = { ...EMPTY_RECEIPT, firstIntentAt: 1, steps: 2 };
const withCalls = (...calls: readonly Call[]): Receipt => ({ ...CALLED, calls });
const HALF = withCalls(shown(first));
const PAID = withCalls(shown(first), shown(second));
const UNPRICED: Call = { step: 0, at: 1, generation: 0, status: "intended" };
const UNCLEAR: Call = { ...second, status: "given-up" };

describe("a portrait", () => {
  it.each<[string, Receipt, incurred: number, authorized: number]>([
    ["that intends its first call", withCalls(first), 20_000, 100_000],
    ["that has no call yet", CALLED, 0, 100_000],
    ["whose forgotten call is only recalled", { ...EMPTY_RECEIPT, calls: [first] }, 0, 80_000],
    ["whose first step is paid", HALF, 20_000, 100_000],
    ["that intends its last call", withCalls(shown(first), second), 100_000, 100_000],
    ["whose every step is paid", PAID, 100_000, 100_000],
    ["whose first call cost nothing", withCalls({ ...first, status: "unpaid" }), 0, 80_000],
    [
      "whose last call may have been paid, and is made again",
      withCalls(shown(first), UNCLEAR, second),
      180_000,
      180_000,
    ],
    ["whose pictures are lost, and is begun again", withCalls(...withGivenUp(PAID, 0).calls, first), 120_000, 200_000],
    [
      "whose last call may have been paid, and is not made again",
      withUnclear(withCalls(shown(first), second), 1),
      100_000,
      100_000,
    ],
  ])("%s may have cost, and may cost in total, this much", (_, receipt, incurred, authorized) => {
    expect(incurredMicroUsd(receipt)).toBe(incurred);
    expect(withAuthorization(receipt, STEPS)?.authorizedMicroUsd).toBe(authorized);
  });

  it("holds the authorized amount until its calls may have cost more, and only these after a void", () => {
    const held = { ...HALF, authorizedMicroUsd: 100_000 };
    expect(heldMicroUsd(held)).toBe(100_000);
    const unclear: Call = { ...UNCLEAR, priceMicroUsd: 90_000 };
    expect(heldMicroUsd({ ...held, calls: [...held.calls, unclear] })).toBe(110_000);
    expect(heldMicroUsd(withoutAuthorization(held))).toBe(20_000);
  });

  it.each<[string, Receipt, (number | undefined)[]]>([
    ["a later step", CALLED, [0.02, undefined]],
    ["its call", withCalls(UNPRICED), [undefined, 0.08]],
    ["a call that was paid", withCalls({ ...UNPRICED, status: "lost" }, first), STEPS],
  ])("is not authorized if %s has no price", (_, receipt, prices) => {
    expect(withAuthorization(receipt, prices)).toBeUndefined();
  });
});
