import { expect, test } from "vitest";
import type { PortraitState, ReviewState } from "@darkroom/core";
import { StatesMap } from "./states-map.ts";

// succeeded, failed | running, pending | queued (and a nibble beyond the end)
const BYTES = Uint8Array.of(0x46, 0x20, 0x1f);

function only(states: readonly PortraitState[], reviews: readonly ReviewState[] = []) {
  return { states: new Set(states), reviews: new Set(reviews) };
}

test("decisions are read, counted, filtered and changed without losing the state", () => {
  // approved, rejected | approved before the batch, undecided | failed
  const states = new StatesMap(Uint8Array.of(0x89, 0xa4, 0x60), 5);
  const all = Array.from({ length: 5 }, (_, index) => [states.stateAt(index), states.reviewAt(index)]);
  expect(all).toEqual([
    ["succeeded", "approved"],
    ["succeeded", "rejected"],
    ["skipped", "approved"],
    ["succeeded", "undecided"],
    ["failed", undefined],
  ]);
  expect(states.reviewCounts()).toEqual({ undecided: 1, approved: 2, rejected: 1 });
  expect(states.indexesIn(only(["succeeded"], ["approved", "undecided"])).length).toBe(2);
  const now = states.decided([
    { state: "rejected", indexes: [3, 4] },
    { state: "undecided", indexes: [2] },
  ]);
  expect([now.stateAt(2), now.reviewAt(2), now.reviewAt(3), now.reviewAt(4)]).toEqual([
    "skipped",
    "undecided",
    "rejected",
    undefined,
  ]);
  expect(states.reviewAt(3)).toBe("undecided");
});

test("a state is read from its four bits", () => {
  const states = new StatesMap(BYTES, 5);
  const all = Array.from({ length: 5 }, (_, index) => states.stateAt(index));
  expect(all).toEqual(["succeeded", "failed", "running", "pending", "queued"]);
});

test("portraits that a cancelled batch never started show as cancelled", () => {
  const states = new StatesMap(BYTES, 6, true);
  expect(states.stateAt(3)).toBe("cancelled");
  expect(states.stateAt(2)).toBe("running");
});

test("a filter lists the matching portraits in order", () => {
  const states = new StatesMap(BYTES, 5);
  const found = states.indexesIn(only(["failed", "pending"]));
  expect([found.length, found.at(0), found.at(1)]).toEqual([2, 1, 3]);
  expect(states.indexesIn(only([])).length).toBe(5);
  expect(states.indexesIn(only(["skipped"])).length).toBe(0);
});

test("bytes that Redis has not written yet read as pending", () => {
  expect(new StatesMap(Uint8Array.of(), 3).stateAt(2)).toBe("pending");
});
