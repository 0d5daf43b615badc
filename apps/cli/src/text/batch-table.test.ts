import { expect, test } from "vitest";
import { testStatus } from "../test-kit/test-status.ts";
import { batchCells, batchTable } from "./batch-table.ts";

test.each([
  ["a cancelled batch", testStatus({ succeeded: 3, cancelled: 9 }, { state: "cancelled" }), "3/12"],
  ["a batch with failures", testStatus({ succeeded: 8, skipped: 2, failed: 2 }), "10/12"],
  ["a batch whose source is read", testStatus({ succeeded: 1, pending: 3 }, { ingested: false }), "1/4+"],
])("the list counts what %s has delivered, not what has ended", (_, status, delivered) => {
  expect(batchCells(status)["DELIVERED"]).toBe(delivered);
});

const FAILED = testStatus({ succeeded: 8, failed: 2 }, { state: "completed_with_failures" });

test("shows everything if it does not go to a terminal", () => {
  const text = batchTable([FAILED], undefined);
  expect(text.split("\n")[0]).toMatch(
    /^BATCH +STATE +DELIVERED +FAILED +WAITS FOR +SUBMITTED +RECIPE +SOURCE OR NAME$/,
  );
  expect(text).toContain(FAILED.id);
});

test.each([80, 100, 140])("fits a terminal of %i columns, and keeps what a person needs first", (width) => {
  const lines = batchTable([{ ...FAILED, name: "x".repeat(90) }], width).split("\n");
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(width);
  expect(lines[0]).toMatch(/^BATCH +STATE +DELIVERED +FAILED.* SOURCE OR NAME$/);
  expect(lines[1]).toMatch(/completed_with_failures +8\/10 +2 .*x…x/);
});

test("leaves out the failures before a line is too long for a usual terminal", () => {
  const waiting = testStatus({ succeeded: 2, pending: 4 }, { state: "paused", pausedBy: "budget" });
  const lines = batchTable([{ ...FAILED, name: "x".repeat(90) }, waiting], 80).split("\n");
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
});
