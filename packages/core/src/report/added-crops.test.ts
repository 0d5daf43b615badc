import { expect, test } from "vitest";
import { addedCropsText } from "./added-crops.ts";

test.each([
  [[], ""],
  [["signature/team/ana.jpg"], "1 crop added, in signature/"],
  [["signature/ana.jpg", "website/ana.jpg"], "2 crops added, in signature/, website/"],
  [["cuts/ana-a.png", "cuts/ana-b.png"], "2 crops added, in cuts/"],
  [["ana-signature.jpg"], "1 crop added, beside the result"],
])("names the folders of the added crops %j: %s", (keys, text) => {
  expect(addedCropsText(keys)).toBe(text);
});
