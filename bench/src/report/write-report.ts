import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import type { Benchmark } from "../benchmark.ts";
import { readResults } from "../result.ts";
import { performancePage } from "./performance-page.ts";
import { hasBar, targetChart } from "./target-chart.ts";

const PAGE = fileURLToPath(new URL("../../../docs/performance.md", import.meta.url));
const PICTURE = fileURLToPath(new URL("../../../docs/images/performance.svg", import.meta.url));

/**
 * Writes the page and its chart from the stored results.
 *
 * @returns the paths written
 * @throws Error when there are no results
 */
export async function writeReport(benchmarks: readonly Benchmark[]): Promise<readonly string[]> {
  const results = await readResults(benchmarks);
  if (results.length === 0) throw new Error("There are no results yet: run npm run bench -- all first.");
  const figures = results.flatMap(({ name, figures }) =>
    figures.filter(hasBar).map((figure) => ({ ...figure, benchmark: name })),
  );
  await mkdir(dirname(PICTURE), { recursive: true });
  await writeFile(PICTURE, await targetChart(figures));
  await writeFile(PAGE, performancePage(results));
  return [PAGE, PICTURE];
}
