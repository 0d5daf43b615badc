import { expect, test } from "vitest";
import { costsText } from "./costs.ts";

test("costs are a table with their sum", () => {
  const spent = { costUsd: 1.5, lostUsd: 0.1, maybeUsd: 0 };
  const text = costsText({
    from: "2026-11-20",
    to: "2026-11-21",
    by: "day",
    total: { costUsd: 3, lostUsd: 0.2, maybeUsd: 0.0125 },
    rows: [
      { name: "2026-11-20", ...spent },
      { name: "2026-11-21", ...spent, maybeUsd: 0.0125 },
    ],
  });
  expect(text.split("\n")).toEqual([
    "DAY         COST      LOST      MAYBE",
    "2026-11-20  1.50 USD  0.10 USD  0.00 USD",
    "2026-11-21  1.50 USD  0.10 USD  0.0125 USD",
    "total       3.00 USD  0.20 USD  0.0125 USD",
  ]);
});
