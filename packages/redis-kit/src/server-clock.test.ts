import { expect, test } from "vitest";
import { offsetOf } from "./server-clock.ts";

test.each([
  ["the same", 1_000_000, 1_000_000, 0],
  ["a moment apart", 1_000_400, 1_000_000, 0],
  ["a day ahead", 1_000_000, 87_400_000, -86_400_000],
  ["an hour behind", 4_600_000, 1_000_000, 3_600_000],
])("clocks that are %s", (_, serverMs, ownMs, offset) => {
  expect(offsetOf(serverMs, ownMs)).toBe(offset);
});
