import { expect, test } from "vitest";
import { atLeast, atMost, median, quantile, type Figure } from "../benchmark.ts";
import type { BenchResult } from "../result.ts";
import { performancePage } from "./performance-page.ts";
import { hasBar, shareOfTarget, targetChart } from "./target-chart.ts";

const figures: Figure[] = [
  { name: "rows", value: 60_000, unit: "rows/s", target: atLeast(50_000) },
  { name: "peak", value: 300, unit: "MiB", target: atMost(250) },
  { name: "lost", value: 0, unit: "", target: atMost(0) },
  { name: "only told", value: 12.34, unit: "ms" },
];
const result: BenchResult = {
  name: "ingest",
  title: "rows a second",
  machine: { cpu: "A CPU", cores: 2, memoryGib: 8, node: "24.0.0", redis: "7.0.0", date: "2026-01-02" },
  sizes: { rows: 10 },
  tookSeconds: 3,
  figures,
  notes: ["A note."],
};

test("the page has each figure beside its target, and the machine by CPU, cores and memory", () => {
  const page = performancePage([result]);
  expect(page).toContain("| rows | 60,000 rows/s | ≥ 50,000 rows/s, met |");
  expect(page).toContain("| peak | 300 MiB | ≤ 250 MiB, **missed** |");
  expect(page).toContain("| lost | 0 | ≤ 0, met |");
  expect(page).toContain("| only told | 12.3 ms |  |");
  expect(page).toContain("`npm run bench -- ingest --rows 10`");
  expect(page).toContain("Measured on A CPU, 2 cores, 8 GiB of memory (Node 24.0.0, Redis 7.0.0, 2026-01-02).");
});

test("the picture has a bar for each figure with a target that is not zero", async () => {
  const shown = figures.filter(hasBar);
  expect(shown.map(({ name }) => name)).toEqual(["rows", "peak"]);
  expect(shown.map(shareOfTarget)).toEqual([50 / 60, 1.2]);
  const svg = await targetChart(shown.map((figure) => ({ ...figure, benchmark: "ingest" })));
  expect(svg).toMatch(/^<svg/);
  expect(svg).toContain("ingest: peak");
  expect(svg).toContain("300 MiB (≤ 250 MiB)");
  expect(svg).not.toContain("lost");
});

test("medians and quantiles use the available values", () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 2, 3])).toBe(2.5);
  expect(
    quantile(
      Array.from({ length: 100 }, (_, index) => index + 1),
      0.99,
    ),
  ).toBe(99);
  expect(quantile([7], 0.99)).toBe(7);
});
