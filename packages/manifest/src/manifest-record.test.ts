import { expect, it } from "vitest";
import { shown } from "./manifest-record.ts";

it.each([
  ["a.jpg", '"a.jpg"'],
  [String.raw`C:\Users\Ana\a.jpg`, String.raw`"C:\Users\Ana\a.jpg"`],
  ["x".repeat(61), `"${"x".repeat(60)}…"`],
  ["two\nlines", String.raw`"two\nlines"`],
])("quotes %j as typed, and shortens it", (value, expected) => {
  expect(shown(value)).toBe(expected);
});
