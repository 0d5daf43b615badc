import { expect, test } from "vitest";
import { testStatus } from "../test-kit/test-status.ts";
import { batchRow } from "./list.ts";

test.each([
  ["a cancelled batch", testStatus({ succeeded: 3, cancelled: 9 }, { state: "cancelled" }), "3/12"],
  ["a batch with failures", testStatus({ succeeded: 8, skipped: 2, failed: 2 }), "10/12"],
  ["a batch whose source is read", testStatus({ succeeded: 1, pending: 3 }, { ingested: false }), "1/4+"],
])("the list counts what %s has delivered, not what has ended", (_, status, delivered) => {
  expect(batchRow(status)[2]).toBe(delivered);
});
