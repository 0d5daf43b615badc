import { expect, test } from "vitest";
import { retryLabel, retryQuestion } from "./retry-price.ts";

const PRICED = { portraitUsd: 0.2, maxCostUsd: null, lane: "each-sense" };

test("another attempt shows its price, or that each may be paid", () => {
  expect(retryLabel(PRICED, 212)).toBe("Try 212 portraits again: about 42.40 USD");
  expect(retryQuestion(PRICED, 212)).toBe("42.40 USD, if each is paid once more for at most 0.20 USD.");
  expect(retryQuestion({ ...PRICED, maxCostUsd: 50 }, 212)).toContain("budget of 50.00 USD holds");
  const unknown = { ...PRICED, portraitUsd: null };
  expect(retryLabel(unknown, 1)).toBe("Try 1 portrait again");
  expect(retryQuestion(unknown, 1)).toBe("Each of them may be paid once more.");
});
