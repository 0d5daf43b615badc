import { expect, test } from "vitest";
import type { OverlappingBatch } from "../api/api-views.ts";
import { budgetLeft } from "./continue-order.ts";
import { budgetMove, goesOnText, pausedByBudgetText, sortMet } from "./same-order.ts";
import { testStatus } from "../test-kit/test-status.ts";

const NOBODY = { missing: ["producer", "worker"], lacks: [], since: null, message: "nobody" } as const;
const STOPPED: OverlappingBatch = {
  ...testStatus({ pending: 23, queued: 10 }, { unattended: NOBODY }),
  sameOrder: true,
  inFlight: 10,
};

test.each<[string, Partial<OverlappingBatch>, "continues it" | "asks about it" | "waits for it" | "leaves it"]>([
  ["the same order, stopped", {}, "continues it"],
  ["the same order, stopped before anything ran", { inFlight: 0 }, "continues it"],
  ["the same order, which another process works on", { unattended: null }, "leaves it"],
  ["the same order, paused", { state: "paused", unattended: null }, "asks about it"],
  ["the same order, paused with a portrait that still ran", { state: "paused" }, "asks about it"],
  ["the same order, not confirmed yet", { state: "awaiting_confirmation", inFlight: 0 }, "asks about it"],
  ["another order, not approved yet", { sameOrder: false, state: "awaiting_approval", inFlight: 0 }, "leaves it"],
  [
    "the same order, not approved yet, with nothing in flight",
    { state: "awaiting_approval", unattended: null, inFlight: 0 },
    "asks about it",
  ],
  ["the same order, cancelled", { cancelling: true }, "leaves it"],
  ["another order, stopped", { sameOrder: false }, "waits for it"],
  ["another order, stopped before anything ran", { sameOrder: false, inFlight: 0 }, "leaves it"],
  ["another order, which another process works on", { sameOrder: false, unattended: null }, "leaves it"],
])("for %s a command %s", (_, change, does) => {
  const { undecided, stopped, waitedFor } = sortMet([{ ...STOPPED, ...change }], false);
  const found = [
    ...undecided.map(() => "asks about it"),
    ...stopped.map(() => "continues it"),
    ...waitedFor.map(() => "waits for it"),
  ];
  expect(found).toEqual(does === "leaves it" ? [] : [does]);
});

test.each<[string, Partial<OverlappingBatch>, boolean]>([
  ["the same order", {}, true],
  ["another order", { sameOrder: false }, false],
  ["the same order, paused by a person", { pausedBy: "person" }, false],
  ["the same order, cancelled", { cancelling: true }, false],
])("for %s, paused by its budget, a command says: %s", (_, change, speaks) => {
  const batch: OverlappingBatch = { ...STOPPED, state: "paused", pausedBy: "budget", ...change };
  expect(sortMet([batch], false).pausedByBudget).toEqual(speaks ? [batch] : []);
});

test("a command that runs alone continues a dead process's batches, and shows each status as the API returned it", () => {
  const dead = { ...STOPPED, unattended: null };
  const paused: OverlappingBatch = { ...dead, state: "paused", pausedBy: "budget" };
  const met = sortMet([dead, paused], true);
  expect(met.stopped).toEqual([dead]);
  expect(met.pausedByBudget).toEqual([paused]);
});

test.each([
  [5, 10, "raise"],
  [5, 5, "spent"],
  [5, 4, "spent"],
  [5, undefined, "spent"],
  [null, 5, "spent"],
] as const)("a batch with a budget of %s meets its order with %s: %s", (paused, wished, move) => {
  expect(budgetMove({ maxCostUsd: paused }, wished)).toBe(move);
});

test("the line of a batch paused by its budget shows the amount spent", () => {
  const paused = { ...STOPPED, costUsd: 4.5, lostUsd: 0.4, maybeUsd: 0.2, maxCostUsd: 5 };
  expect(pausedByBudgetText(paused)).toBe(
    `Batch ${STOPPED.id} is this order, and its budget has paused it: 0 of 33 done, 4.90 USD of its budget of 5.00 USD spent, ` +
      "and up to 0.20 USD more for calls whose answer was lost.",
  );
});

test("the line of a continued batch describes it, shows what is left to pay, and how to end it", () => {
  expect(goesOnText({ ...STOPPED, estimatedCostUsd: 6.6, costUsd: 2, maxCostUsd: 40 })).toBe(
    `Batch ${STOPPED.id} is the same order and was stopped: 0 of 33 done, 10 portraits in flight; the rest costs about 4.60 USD, ` +
      "of a budget of 40.00 USD for the whole order. This command continues it, then enhances new photos. " +
      `To end it instead: darkroom cancel ${STOPPED.id}`,
  );
});

test.each([
  [40, [], 40],
  [40, [{ costUsd: 6.6, lostUsd: 0.2 }], 33.2],
  [
    5,
    [
      { costUsd: 4.9, lostUsd: 0 },
      { costUsd: 0.3, lostUsd: 0 },
    ],
    -0.2,
  ],
])("of a budget of %d USD, batches that spent %o leave %d", (budget, before, left) => {
  expect(budgetLeft(budget, before)).toBe(left);
});
