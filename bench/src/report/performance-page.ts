import { meets, type Figure } from "../benchmark.ts";
import type { Machine } from "../machine.ts";
import { shown, shownTarget, shownWithUnit, type BenchResult } from "../result.ts";

const INTRO = `# Performance

For engineers. \`npm run bench -- report\` makes this page from \`bench/results\`; do not edit it.

\`\`\`sh
npm run bench -- all           # every benchmark, one after the other: about 20 minutes on two cores
npm run bench -- overhead      # one of them; --json for its result as JSON, --help for sizes
npm run bench -- report        # this page and its picture
\`\`\`

Every part is a separate process with a private Redis. The provider is the [twin](twin.md), or a lighter stand-in if the twin's
pictures would be the bottleneck. Figures from a shared machine vary by a third from hour to hour, so trust ratios (which
come from one run) and bytes more than rates and times.

![Figures beside their targets](images/performance.svg)
`;

/** Formats the page as Markdown. */
export function performancePage(results: readonly BenchResult[]): string {
  return [INTRO, ...machines(results), ...results.map(section)].join("\n");
}

function machines(results: readonly BenchResult[]): string[] {
  const names = [...new Set(results.map(({ machine }) => machineName(machine)))];
  const lines = names.map((name) => {
    const of = results.filter(({ machine }) => machineName(machine) === name).map(({ name: bench }) => `\`${bench}\``);
    return names.length === 1 ? `Measured on ${name}.` : `${of.join(", ")}: measured on ${name}.`;
  });
  return [...lines, ""];
}

function machineName({ cpu, cores, memoryGib, node, redis, date }: Machine): string {
  return `${cpu}, ${cores} cores, ${memoryGib} GiB of memory (Node ${node}, Redis ${redis}, ${date})`;
}

function section({ name, title, figures, notes, sizes }: BenchResult): string {
  const flags = Object.entries(sizes).map(([flag, size]) => `--${flag} ${size}`);
  return [
    `## ${name}`,
    "",
    `${title[0]?.toUpperCase() ?? ""}${title.slice(1)}.`,
    "",
    "| figure | measured | target |",
    "| --- | --- | --- |",
    ...figures.map(row),
    "",
    ...notes.map((note) => `- ${note}`),
    `- \`npm run bench -- ${name} ${flags.join(" ")}\``,
    "",
  ].join("\n");
}

function row(figure: Figure): string {
  const { name, value, target } = figure;
  const held = target === undefined ? "" : meets(value, target) ? ", met" : ", **missed**";
  return `| ${name} | ${Number.isFinite(value) ? shownWithUnit(figure) : shown(value)} | ${shownTarget(figure)}${held} |`;
}
