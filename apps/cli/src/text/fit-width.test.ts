import { expect, test } from "vitest";
import { cutMiddle, linesOf } from "./fit-width.ts";

test.each([
  ["anna.jpg", 20, "anna.jpg"],
  ["engineering/berlin/anna-schmidt.jpg", 20, "engine…a-schmidt.jpg"],
  ["Größe/Zoë-👩‍🎨.jpg", 60, "Größe/Zoë-👩‍🎨.jpg"],
  ["abc", 1, "…"],
])("cuts %s to %i characters with a sign", (text, width, cut) => {
  expect(cutMiddle(text, width)).toBe(cut);
});

test("breaks a text at its spaces, and never within a word", () => {
  expect(linesOf("copy it again or save it anew", 10)).toEqual(["copy it", "again or", "save it", "anew"]);
  expect(linesOf("a averyverylongword b", 8)).toEqual(["a", "averyverylongword", "b"]);
});
