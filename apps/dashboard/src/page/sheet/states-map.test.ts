import { expect, test } from "vitest";
import { StatesMap } from "./states-map.ts";

// succeeded, failed | running, pending | queued (and a nibble beyond the end)
const BYTES = Uint8Array.of(0x46, 0x20, 0x1f);

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
  const found = states.indexesIn(new Set(["failed", "pending"]));
  expect([found.length, found.at(0), found.at(1)]).toEqual([2, 1, 3]);
  expect(states.indexesIn(new Set()).length).toBe(5);
  expect(states.indexesIn(new Set(["skipped"])).length).toBe(0);
});

test("bytes that Redis has not written yet read as pending", () => {
  expect(new StatesMap(Uint8Array.of(), 3).stateAt(2)).toBe("pending");
});
