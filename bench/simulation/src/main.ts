import { mkdir, readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Measured } from "./measure/measured.ts";
import { measure } from "./measure/measure.ts";
import { agreement } from "./questions/agreement.ts";
import { ceiling, cluster, perPortrait, sharedKeysCost } from "./questions/ceiling.ts";
import { interactiveWaits, manyBatches } from "./questions/fairness.ts";
import { shares } from "./questions/shares.ts";
import { retries, sizes } from "./questions/size.ts";
import { throughput } from "./questions/throughput.ts";
import { windows } from "./questions/window.ts";
import type { RedisKind } from "./scenario.ts";
import type { Table } from "./table.ts";
import { ceilingChart, drawChart, sharesChart, throughputChart } from "./write/plots.ts";
import { writeTables } from "./write/scale-doc.ts";

const RESULTS = new URL("../results/", import.meta.url);
const DOCS = new URL("../../../docs/", import.meta.url);

const [what, ...rest] = process.argv.slice(2);
if (rest.length > 0 || (what !== undefined && what !== "measure")) {
  process.stderr.write("npm run simulate             simulates with what was measured, and writes docs/scale.md\n");
  process.stderr.write("npm run simulate -- measure  measures a real Redis first\n");
  process.exitCode = 2;
} else {
  if (what === "measure") await writeJson("measured", await measure(say));
  await simulateAll();
}

async function simulateAll(): Promise<void> {
  const startedAt = performance.now();
  const costs = JSON.parse(await readFile(new URL("measured.json", RESULTS), "utf8")) as Measured;
  const answer = async <T>(question: string, work: () => Promise<T>): Promise<T> => {
    const before = performance.now();
    const result = await work();
    say(`${question}: ${((performance.now() - before) / 1_000).toFixed(1)} s`);
    return result;
  };
  const { points, table } = await answer("throughput", () => throughput(costs));
  const sharesTable = await answer("shares of Redis", () => shares(costs));
  const ceilingTable = await answer("ceiling", () => ceiling(costs));
  const tables: readonly Table[] = [
    perPortrait(costs),
    await agreement(costs),
    table,
    ...(await answer("windows", () => windows(costs))),
    await answer("interactive waits", () => interactiveWaits(costs)),
    await answer("many batches", () => manyBatches(costs)),
    sharesTable,
    await answer("sizes", () => sizes(costs)),
    await answer("retries", () => retries(costs)),
    ceilingTable,
    sharedKeysCost(costs),
    cluster(costs),
  ];
  await writeJson("throughput-points", points);
  for (const { name, columns, rows } of tables) await writeJson(name, { columns, rows });
  await writeTables(fileURLToPath(new URL("scale.md", DOCS)), tables);
  await writeFile(new URL("images/scale-throughput.svg", DOCS), await drawChart(throughputChart(points)));
  await writeFile(new URL("images/scale-redis.svg", DOCS), await drawChart(sharesChart(sharesRows(sharesTable))));
  await writeFile(new URL("images/scale-ceiling.svg", DOCS), await drawChart(ceilingChart(ceilingRows(ceilingTable))));
  say(`everything: ${((performance.now() - startedAt) / 1_000).toFixed(1)} s`);
}

/** Builds the table of shares with one value per row. */
function sharesRows({ columns, rows }: Table) {
  return rows.flatMap(([engine, workers, , ...cells]) =>
    cells.slice(0, -1).map((cell, place) => ({
      engine: String(engine),
      workers: Number(String(workers).replaceAll(",", "")),
      kind: columns[place + 3] as RedisKind,
      share: Number.parseFloat(String(cell)) / 100,
    })),
  );
}

/** Builds the table of ceilings with one value per row. */
function ceilingRows({ columns, rows }: Table) {
  const numberIn = (cell: string | number | undefined): number => Number(String(cell).replaceAll(",", ""));
  const engines = columns.map((column, place) => (place === 1 ? "as it is" : column));
  return rows.flatMap((row) =>
    [1, 4, 5, 6].map((place) => ({
      workers: numberIn(row[0]),
      engine: engines[place] ?? "",
      perSecond: numberIn(row[place]),
    })),
  );
}

async function writeJson(name: string, value: unknown): Promise<void> {
  await mkdir(RESULTS, { recursive: true });
  await writeFile(new URL(`${name}.json`, RESULTS), `${JSON.stringify(value, undefined, 2)}\n`);
}

function say(line: string): void {
  process.stderr.write(`[simulate] ${line}\n`);
}
