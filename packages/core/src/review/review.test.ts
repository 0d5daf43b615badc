import { expect, test } from "vitest";
import { effectiveLine, planReview, type ReviewLine, type ReviewTarget, type WantedReview } from "./review.ts";

function lineOf(number: number, order: ReviewLine["order"], more: Partial<ReviewLine> = {}): ReviewLine {
  return { number, at: number, by: "anna", order, results: [{ index: 7, mark: "m" }], ...more };
}

const APPROVED = lineOf(1, "approve");
const REJECTED = lineOf(4, "reject", { note: "too dark" });
const REJECTED_AFTER = lineOf(4, "reject", { results: [{ index: 7, mark: "m", before: 1, was: "approved" }] });
const OF_EARLIER_RESULT = lineOf(2, "reject", { results: [{ index: 7, mark: "earlier" }] });

function portrait(state: ReviewTarget["standing"]["state"], effective?: ReviewLine, line = effective?.number ?? 0) {
  return { index: 7, mark: "m", standing: { state, line }, effective } satisfies ReviewTarget;
}

const NEW = portrait("undecided");
const none = { kind: "unchanged" };
const conflict = { kind: "conflict" };
const change = (to: string, result: object = {}) => ({
  kind: "change",
  to,
  result: { index: 7, mark: "m", ...result },
});

test.each<[string, WantedReview, ReviewTarget, object]>([
  ["a first decision", { order: "approve" }, NEW, change("approved")],
  ["a first decision, seen at its line", { order: "reject", revision: 0 }, NEW, change("rejected")],
  [
    "another one",
    { order: "reject" },
    portrait("approved", APPROVED),
    change("rejected", { before: 1, was: "approved" }),
  ],
  ["the same one", { order: "approve" }, portrait("approved", APPROVED), none],
  ["the same one, by another person since", { order: "approve", revision: 0 }, portrait("approved", APPROVED), none],
  [
    "the same one with another note",
    { order: "reject", note: "x" },
    portrait("rejected", REJECTED),
    change("rejected", { before: 4, was: "rejected" }),
  ],
  ["the same note", { order: "reject", note: "too dark" }, portrait("rejected", REJECTED), none],
  [
    "another note than a newer one",
    { order: "reject", note: "x", revision: 3 },
    portrait("rejected", REJECTED),
    conflict,
  ],
  ["another one than a newer one", { order: "approve", revision: 3 }, portrait("rejected", REJECTED), conflict],
  [
    "another one than the seen one",
    { order: "approve", revision: 4 },
    portrait("rejected", REJECTED),
    change("approved", { before: 4, was: "rejected" }),
  ],
  ["one that was withdrawn since", { order: "reject", revision: 4 }, portrait("undecided", undefined, 5), conflict],
  ["a portrait without a result", { order: "approve" }, { ...NEW, mark: undefined }, { kind: "no_result" }],
  [
    "another result than the decided one",
    { order: "reject" },
    portrait("rejected", OF_EARLIER_RESULT),
    change("rejected"),
  ],
  ["undo", { order: "undo" }, portrait("approved", APPROVED), change("undecided", { undoes: 1 })],
  [
    "undo to the decision before",
    { order: "undo" },
    portrait("rejected", REJECTED_AFTER),
    change("approved", { before: 1, was: "approved", undoes: 4 }),
  ],
  ["undo of nothing", { order: "undo" }, NEW, none],
  ["redo", { order: "redo", note: "warmer" }, portrait("rejected", REJECTED), change("undecided")],
  ["redo of what was approved since", { order: "redo", revision: 0 }, portrait("approved", APPROVED), conflict],
  ["undo of a newer one", { order: "undo", revision: 3 }, portrait("rejected", REJECTED), conflict],
])("%s", (_, wanted, target, planned) => {
  expect(planReview(wanted, target)).toEqual(planned);
});

test("after an undo, the line that it restored is in effect", () => {
  const undo = lineOf(5, "undo", { results: [{ index: 7, mark: "m", before: 1, was: "approved", undoes: 4 }] });
  expect([undefined, APPROVED, undo].map((line) => effectiveLine(line, 7))).toEqual([0, 1, 1]);
  expect(effectiveLine(lineOf(5, "undo"), 7)).toBe(0);
  expect(effectiveLine(lineOf(6, "redo"), 7)).toBe(0);
});
