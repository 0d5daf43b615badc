import { expect, it } from "vitest";
import { parseDurationMs } from "./duration.ts";

it.each([
  ["500ms", 500],
  ["30s", 30_000],
  ["45m", 2_700_000],
  ["1.5h", 5_400_000],
  ["8 hours", 28_800_000],
  ["2D", 172_800_000],
])("%s is %i ms", (text, expected) => {
  expect(parseDurationMs(text)).toBe(expected);
});

it.each(["", "8", "0h", "-8h", "h", "8x", "1h30", "tomorrow", "1..5h", "9".repeat(200) + "h"])(
  "%s is not a duration",
  (text) => {
    expect(parseDurationMs(text)).toBeUndefined();
  },
);
