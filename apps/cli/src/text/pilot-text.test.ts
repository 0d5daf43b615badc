import { expect, it } from "vitest";
import { statusText } from "./batch-line.ts";
import { wholePilot, wholePilotText } from "./pilot-text.ts";
import { testStatus } from "../test-kit/test-status.ts";

it.each([
  ["as many portraits as the pilot", testStatus({ pending: 5 }, { pilot: 5 }), true],
  ["fewer", testStatus({ succeeded: 1, pending: 3 }, { pilot: 5 }), true],
  ["more", testStatus({ pending: 6 }, { pilot: 5 }), false],
  [
    "more rows, of which as many are good",
    testStatus({ pending: 5, failed: 2 }, { pilot: 5, failures: { invalid_row: 2 } }),
    true,
  ],
  ["a source that is still read", testStatus({ pending: 3 }, { pilot: 5, ingested: false }), false],
  ["nothing", testStatus({}, { pilot: 5 }), false],
  ["no pilot", testStatus({ pending: 5 }), false],
] as const)("the pilot is the whole batch of %s: %s", (_, status, isWhole) => {
  expect(wholePilot(status) !== undefined).toBe(isWhole);
});

it("announces no approval for a pilot that is the whole batch", () => {
  const text = statusText(testStatus({ pending: 4 }, { pilot: 5 }), null);
  expect(text).toMatch(/^pilot +5, the whole batch of 4 portraits: nothing waits for approval$/m);
  expect(text).not.toContain("then it waits");
});

it("counts one portrait as one", () => {
  expect(wholePilotText({ pilot: 3, portraits: 1 })).toBe(
    "The pilot of 3 is the whole batch of 1 portrait: nothing waits for approval.",
  );
});
