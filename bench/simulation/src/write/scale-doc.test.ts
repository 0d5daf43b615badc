import { expect, test } from "vitest";
import { withTables } from "./scale-doc.ts";

const TABLE = { name: "one", columns: ["a", "b"], rows: [[1, "x"]] };
const TEXT = "before\n<!-- table: one -->\nold\n<!-- end: one -->\nafter\n";

test("puts a table between its markers and leaves the prose", () => {
  const written = withTables(TEXT, [TABLE]);
  expect(written).toBe("before\n<!-- table: one -->\n| a | b |\n| --- | --- |\n| 1 | x |\n<!-- end: one -->\nafter\n");
  expect(withTables(written, [TABLE])).toBe(written);
});

test("leaves out a table without a place", () => {
  expect(withTables("no place", [TABLE])).toBe("no place");
});

test("refuses a place without a table, and one without an end", () => {
  expect(() => withTables(TEXT, [])).toThrow("nobody writes the table one");
  expect(() => withTables("<!-- table: one -->", [TABLE])).toThrow("the table one has no end");
});
