import { parseArgs } from "node:util";
import type { Benchmark, Sizes } from "./benchmark.ts";
import { BENCHMARKS } from "./benchmarks.ts";
import { describeMachine } from "./machine.ts";
import { writeReport } from "./report/write-report.ts";
import { resultText, writeResult, type BenchResult } from "./result.ts";

const say = (line: string): void => void process.stderr.write(`[bench] ${line}\n`);

function usage(): string {
  const lines = BENCHMARKS.flatMap(({ name, title, sizes }) => [
    `  ${name.padEnd(12)} ${title}`,
    `  ${"".padEnd(12)} ${Object.entries(sizes)
      .map(([flag, size]) => `--${flag} ${size}`)
      .join(" ")}`,
  ]);
  return [
    "npm run bench -- NAME… [--json] [--tiny] [sizes]",
    "",
    "  all          every one of these, one after the other",
    "  report       makes docs/performance.md and its picture from bench/results",
    ...lines,
    "",
    "--json prints the results as JSON. --tiny only shows that it works: nothing is written to bench/results.",
    "",
  ].join("\n");
}

function sizesOf(
  benchmark: Benchmark,
  flags: Readonly<Record<string, string | boolean | undefined>>,
  tiny: boolean,
): Sizes {
  const standard = tiny ? benchmark.tinySizes : benchmark.sizes;
  return Object.fromEntries(
    Object.entries(standard).map(([name, size]) => {
      const flag = flags[name];
      if (flag === undefined) return [name, size];
      const value = Number(flag);
      if (!Number.isFinite(value) || value < 0) throw new Error(`--${name} takes a number, not "${flag}".`);
      return [name, value];
    }),
  );
}

async function main(): Promise<void> {
  const sizeFlags = [...new Set(BENCHMARKS.flatMap(({ sizes }) => Object.keys(sizes)))];
  const { values: flags, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      json: { type: "boolean", default: false },
      tiny: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
      ...Object.fromEntries(sizeFlags.map((flag) => [flag, { type: "string" as const }])),
    },
  });
  const [help, tiny, json] = [flags["help"] ?? false, flags["tiny"] ?? false, flags["json"] ?? false];
  const names = positionals.includes("all") ? BENCHMARKS.map(({ name }) => name) : positionals;
  const unknown = names.filter((name) => name !== "report" && !BENCHMARKS.some((each) => each.name === name));
  if (help || names.length === 0 || unknown.length > 0) {
    process.stdout.write(`${unknown.length > 0 ? `There is no benchmark ${unknown.join(", ")}.\n\n` : ""}${usage()}`);
    process.exitCode = help ? 0 : 2;
    return;
  }
  const results: BenchResult[] = [];
  const failed: string[] = [];
  const machine = await describeMachine();
  for (const benchmark of BENCHMARKS.filter(({ name }) => names.includes(name))) {
    const { name, title } = benchmark;
    say(`${name}: ${title}`);
    const startedAt = performance.now();
    try {
      const sizes = sizesOf(benchmark, flags, tiny);
      const measured = await benchmark.run(sizes, (line) => say(`${name}: ${line}`));
      const tookSeconds = (performance.now() - startedAt) / 1_000;
      const result: BenchResult = { name, title, machine, sizes, tookSeconds, ...measured };
      results.push(result);
      if (!tiny) await writeResult(result);
      if (!json) process.stdout.write(`${resultText(result)}\n`);
    } catch (error) {
      // The figures of the other benchmarks are kept when one fails.
      failed.push(name);
      say(`${name} failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    }
  }
  if (json) process.stdout.write(`${JSON.stringify(results, undefined, 2)}\n`);
  if (names.includes("report")) for (const path of await writeReport(BENCHMARKS)) say(`wrote ${path}`);
  if (failed.length > 0) process.exitCode = 1;
}

// Child processes, Redis and folders are removed when this process ends in order.
process.once("SIGINT", () => process.exit(130));
process.once("SIGTERM", () => process.exit(143));
await main();
