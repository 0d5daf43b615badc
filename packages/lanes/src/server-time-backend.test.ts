import { expect, test } from "vitest";
import { inServerTime } from "./server-time-backend.ts";

test("converts times to Redis' clock, and keeps counts, delays and names", () => {
  const now = 1_800_000_000_000;
  const args = ["key", now, now + 20, 5_000, 0, "1800000000000", Buffer.from("packed")];
  const told = inServerTime(args, -86_400_000, now);
  expect(told).toEqual(["key", now - 86_400_000, now + 20 - 86_400_000, 5_000, 0, "1800000000000", args[6]]);
});
