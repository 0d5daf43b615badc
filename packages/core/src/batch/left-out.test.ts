import { expect, test } from "vitest";
import { leftOutText } from "./left-out.ts";

test.each([
  [["notes.txt"], "1 other file (notes.txt)"],
  [
    ["manifest.csv"],
    "1 other file (manifest.csv): if manifest.csv lists the photos, name it as the source, not its folder",
  ],
  [
    ["a.txt", "lists/Team.JSONL.gz"],
    "2 other files (a.txt, lists/Team.JSONL.gz): if lists/Team.JSONL.gz lists the photos, name it as the source, not its folder",
  ],
])("says what to do with a list of photos among the files left out: %j", (examples, text) => {
  expect(leftOutText([{ kind: "other", count: examples.length, examples }])).toBe(text);
});
