import { expect, test } from "vitest";
import { safeKey } from "../delivery/destination.ts";
import { newBatchId } from "../ids.ts";
import { batchKeys, carriedColumns, cellText, REPORT_COLUMNS, reportRow, partAsks } from "./report.ts";

const delivered = { code: "ok", billed: "yes", message: "", attempts: 1, providerMs: 12_000, costUsd: 0.05 } as const;
const row = { index: 3, id: "anna", source: "team/anna.jpg", destination: "out/anna.jpg" };

test("a row of the report has all the columns, and the carried ones apart", () => {
  const made = reportRow({ ...row, carried: { department: "R&D" } }, delivered, "each-sense");
  expect(Object.keys(made)).toEqual([...REPORT_COLUMNS, "carried"]);
  expect(made).toEqual({
    ...row,
    state: "succeeded",
    outcome: "ok",
    attempts: 1,
    retryable: false,
    billed: "yes",
    simulated: false,
    message: "",
    providerMs: 12_000,
    costUsd: 0.05,
    lostUsd: 0,
    maybeUsd: 0,
    round: 0,
    warnings: [],
    leftBehind: "",
    review: [],
    question: "",
    distance: null,
    likeness: null,
    findings: [],
    c2pa: "",
    marked: "",
    variations: [],
    deliveries: [],
    knownSubjects: {},
    undelivered: [],
    lane: "each-sense",
    carried: { department: "R&D" },
  });
});

test("a manifest's column with the name of a report column is renamed until it is unique", () => {
  expect([...carriedColumns(["team", "State", "state", "state (manifest)", " ID "])]).toEqual([
    ["team", "team"],
    ["State", "State (manifest)"],
    ["state", "state (manifest) (manifest)"],
    ["state (manifest)", "state (manifest)"],
    [" ID ", " ID  (manifest)"],
  ]);
});

test("cells describe lists and tables as text", () => {
  expect([cellText("a"), cellText(2), cellText(null), cellText(["a", "b"]), cellText({ anna: 2, ben: 1 })]).toEqual([
    "a",
    2,
    null,
    "a; b",
    "anna: 2; ben: 1",
  ]);
});

test("state and retryability come from the outcome's rule", () => {
  expect(reportRow(row, { ...delivered, code: "timeout" }, "each-sense")).toMatchObject({
    state: "failed",
    retryable: true,
  });
});

test.each([
  ["twin", undefined, "twin", true],
  ["twin", "twin-phota", "twin-phota", true],
  ["each-sense", "phota", "phota", false],
])(
  "names the lane that did the work, and says whether it is the simulator's: %s, %s",
  (own, other, lane, simulated) => {
    const outcome = other === undefined ? delivered : { ...delivered, lane: other };
    expect(reportRow(row, outcome, own)).toMatchObject({ lane, simulated });
  },
);

test("the destination is where the picture was really stored", () => {
  const outcome = { ...delivered, destination: "out/anna-2.jpg" };
  expect(reportRow(row, outcome, "each-sense").destination).toBe("out/anna-2.jpg");
});

test("a rejected row shows its known values, without a destination if nothing was written", () => {
  const rejected = { index: 4, destination: "../anna.jpg", rejected: { line: 6, field: "destination", message: "no" } };
  const made = reportRow(
    rejected,
    { ...delivered, code: "invalid_row", billed: "no", attempts: 0, costUsd: null },
    "each-sense",
  );
  expect(made).toMatchObject({
    id: "",
    source: "",
    destination: "",
    outcome: "invalid_row",
    costUsd: null,
    carried: {},
  });
});

test("a row without its picture describes the file at its destination", () => {
  const made = reportRow(row, { ...delivered, code: "timeout" }, "each-sense", { leftBehind: "simulated" });
  expect(made).toMatchObject({
    leftBehind: "simulated",
    warnings: ["the destination still has a simulated picture under this name"],
  });
});

test("a link's query is not shown", () => {
  const source = "https://photos.example/anna.jpg?X-Amz-Signature=abc#top";
  expect(reportRow({ ...row, source }, delivered, "each-sense").source).toBe("https://photos.example/anna.jpg");
  expect(reportRow({ ...row, source: "what?.jpg" }, delivered, "each-sense").source).toBe("what?.jpg");
});

test("a batch's files are in a separate folder that no portrait can be written to", () => {
  const keys = batchKeys(newBatchId());
  const all: string[] = Object.values(keys).flatMap((key) => (typeof key === "string" ? [key] : []));
  all.push(keys.manifest("csv"), keys.manifest("jsonl"), keys.snapshotPart(0, 1), keys.reportPart(1, "5-0"));
  expect(new Set(all).size).toBe(all.length);
  for (const key of all) {
    expect(key.startsWith(keys.base)).toBe(true);
    expect(() => safeKey(key.replace(/\/$/, ""))).toThrow("_darkroom/");
  }
});

test("parts are listed by number", () => {
  const keys = batchKeys(newBatchId());
  for (const made of [(part: number) => keys.snapshotPart(part, 1), (part: number) => keys.reportPart(part, "1-0")]) {
    const parts = [0, 2, 9, 10, 999, 1_000, 99_999].map(made);
    expect(parts.toSorted()).toEqual(parts);
  }
  expect(keys.snapshotPart(7, 1).startsWith(keys.snapshotPrefix)).toBe(true);
  expect(keys.snapshotPart(7, 1).startsWith(keys.snapshotPartPrefix(7))).toBe(true);
  const fences = [0, 1, 10, Date.UTC(2026, 0), Date.UTC(2286, 11)].map((fence) => keys.snapshotPart(7, fence));
  expect(fences.toSorted()).toEqual(fences);
  expect(keys.reportPart(7, "1-0").startsWith(keys.reportPrefix)).toBe(true);
});

test("a report part's name shows whether it contains a question", () => {
  const { reportPart } = batchKeys(newBatchId());
  expect([reportPart(7, "1-0"), reportPart(7, "1-0", true)].map(partAsks)).toEqual([false, true]);
});
