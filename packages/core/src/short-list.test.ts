import { expect, it } from "vitest";
import { shortList } from "./short-list.ts";

it.each([
  [["a", "b"], 2, "a, b"],
  [["a", "b", "c"], 3, "a, b, c"],
  [["a", "b", "c", "d"], 4, "a, b, c, d"],
  [["a", "b", "c", "d"], 5, "a, b, c and 2 more"],
  [["a", "b"], 4, "a, b and 2 more"],
  [["a", "b", "c"], 4, "a, b, c and 1 more"],
] as const)("formats %j of %i as %j", (names, count, text) => {
  expect(shortList(names, count, 3)).toBe(text);
});
