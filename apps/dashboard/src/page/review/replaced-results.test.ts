import { expect, test } from "vitest";
import { ReplacedResults } from "./replaced-results.ts";

test("a redone picture is loaded again at each change until its round is over, and no other is", () => {
  const replaced = new ReplacedResults();
  const versions: (readonly number[])[] = [];
  replaced.take({ order: "approve", undecided: "1" });
  replaced.take({ order: "redo", undecided: "2-3" });
  // The batch may still show its earlier end.
  for (const state of ["completed", "running", "completed", "completed"] as const) {
    replaced.follow({ state });
    versions.push([1, 2, 3].map((index) => replaced.versionOf(index)));
  }
  expect(versions).toEqual([
    [0, 2, 2],
    [0, 3, 3],
    [0, 4, 4],
    [0, 4, 4],
  ]);
});
