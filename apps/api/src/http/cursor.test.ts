import { expect, test } from "vitest";
import { cursorAt, nextCursor, positionOf } from "./cursor.ts";

const list = { portraits: "01k", state: "failed" };
const bad = { code: "invalid_input", field: "cursor" };

test("a cursor continues its own list, whatever the order of its filters", () => {
  expect(positionOf(list, cursorAt(list, 17), "number")).toBe(17);
  expect(positionOf({ state: "failed", portraits: "01k" }, cursorAt(list, "a ü"), "string")).toBe("a ü");
  expect(positionOf(list, undefined, "number")).toBeUndefined();
  expect(nextCursor(list, undefined)).toBeNull();
});

test.each([
  ["another list", cursorAt({ ...list, portraits: "01j" }, 17)],
  ["another filter", cursorAt({ ...list, state: "running" }, 17)],
  ["another kind of position", cursorAt(list, "17")],
  ["a changed position", `x${cursorAt(list, 17)}`],
  ["a plain position", "17"],
  ["a text without a check", Buffer.from("[1,17]").toString("base64url")],
  ["nonsense", "….…"],
])("refuses a cursor of %s", (_, cursor) => {
  expect(() => positionOf(list, cursor, "number")).toThrow(expect.objectContaining(bad));
});
