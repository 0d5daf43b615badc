import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { meets, type Benchmark, type Figure, type Measured, type Sizes } from "./benchmark.ts";
import type { Machine } from "./machine.ts";

/** The content of `bench/results/NAME.json`. */
export interface BenchResult extends Measured {
  readonly name: string;
  readonly title: string;
  readonly machine: Machine;
  readonly sizes: Sizes;
  readonly tookSeconds: number;
}

const RESULTS = fileURLToPath(new URL("../results/", import.meta.url));

export async function writeResult(result: BenchResult, folder = RESULTS): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, `${result.name}.json`), `${JSON.stringify(result, undefined, 2)}\n`);
}

/** Returns the stored results, in the order of `benchmarks`. */
export async function readResults(benchmarks: readonly Benchmark[], folder = RESULTS): Promise<readonly BenchResult[]> {
  const files = await readdir(folder).catch((): string[] => []);
  const present = benchmarks.filter(({ name }) => files.includes(`${name}.json`));
  return await Promise.all(
    present.map(async ({ name }) => JSON.parse(await readFile(join(folder, `${name}.json`), "utf8")) as BenchResult),
  );
}

function describeMachineLine({ cpu, cores, memoryGib, node, redis, date }: Machine): string {
  return `${cpu}, ${cores} cores, ${memoryGib} GiB, Node ${node}, Redis ${redis}, ${date}`;
}

/**
 * Formats a number for readers: three significant digits, four for a ratio near its target, with thousands separators.
 */
export function shown(value: number): string {
  if (!Number.isFinite(value)) return "none";
  const digits = Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(Math.abs(value) < 10 ? 4 : 3));
  return digits.toLocaleString("en-US", { maximumFractionDigits: 6 });
}

export function shownWithUnit({ value, unit }: Pick<Figure, "value" | "unit">): string {
  return unit === "" ? shown(value) : `${shown(value)} ${unit}`;
}

export function shownTarget({ target, unit }: Figure): string {
  if (target === undefined) return "";
  return `${target.kind === "at-least" ? "≥" : "≤"} ${shownWithUnit({ value: target.value, unit })}`;
}

/** Formats the result for the terminal. */
export function resultText(result: BenchResult): string {
  const width = Math.max(...result.figures.map(({ name }) => name.length));
  const lines = result.figures.map((figure) => {
    const { name, value, target } = figure;
    const held = target === undefined ? "" : meets(value, target) ? "met" : "MISSED";
    const line = `  ${name.padEnd(width)}  ${shownWithUnit(figure).padStart(16)}  ${shownTarget(figure).padEnd(16)} ${held}`;
    return line.trimEnd();
  });
  return [
    `${result.name}: ${result.title}`,
    ...lines,
    ...result.notes.map((note) => `  ${note}`),
    `  ${describeMachineLine(result.machine)}; took ${shown(result.tookSeconds)} s`,
    "",
  ].join("\n");
}
