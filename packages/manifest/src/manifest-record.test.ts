import { expect, it } from "vitest";
import { shown } from "./manifest-record.ts";

it.each([
  ["a.jpg", '"a.jpg"'],
  [String.raw`C:\Users\Ana\a.jpg`, String.raw`"C:\Users\Ana\a.jpg"`],
  ["x".repeat(61), `"${"x".repeat(60)}…"`],
  ["two\nlines", String.raw`"two\nlines"`],
])("shows %j quoted, as it was typed and not too long", (value, expected) => {
  expect(shown(value)).toBe(expected);
});
