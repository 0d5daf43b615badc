import { expect, test } from "vitest";
import { onPage } from "./page-tables.ts";

test("shows some columns and rows of a table", () => {
  const columns = [
    "provider",
    "workers",
    "slots",
    "portraits a second",
    "commands a second",
    "slots in calls",
    "Redis busy",
  ];
  const rows = [
    ["5 s", "10", "100", "21", "281", "100 %", "1 %"],
    ["5 s", "10", "1,000", "202", "2,341", "100 %", "7 %"],
  ];
  expect(onPage({ name: "throughput", columns, rows })).toEqual({
    name: "throughput",
    columns: ["provider", "workers", "slots", "portraits a second", "slots in calls", "Redis busy"],
    rows: [["5 s", "10", "1,000", "202", "100 %", "7 %"]],
  });
});

test("shows a whole table without a view", () => {
  const table = { name: "sizes", columns: ["portraits"], rows: [["10,000"]] };
  expect(onPage(table)).toEqual(table);
});

test("rejects a table that lacks a column of its view", () => {
  expect(() => onPage({ name: "throughput", columns: ["slots"], rows: [["1,000"]] })).toThrow("no column provider");
});
