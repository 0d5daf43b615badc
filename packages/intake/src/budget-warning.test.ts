import { expect, it } from "vitest";
import { budgetWarning } from "./budget-warning.ts";

it("warns how many portraits a budget below the cost pays for", () => {
  expect(budgetWarning({ usd: 3 }, 15, 1)).toEqual([
    "The budget of 1 USD is less than the cost: it pays for about 5 of 15 portraits, then the batch pauses.",
  ]);
});

it.each([
  ["is enough", 3, 3],
  ["is not set", 3, undefined],
  ["meets a cost that is not known", null, 1],
])("does not warn when the budget %s", (_, usd, maxCostUsd) => {
  expect(budgetWarning({ usd }, 15, maxCostUsd)).toEqual([]);
});
