import { readFileSync } from "node:fs";
import { join } from "node:path";

const ARCHITECTURE = readFileSync(join(import.meta.dirname, "../../../docs/architecture.md"), "utf8");

/** Returns the arrows of the diagram under a heading of `docs/architecture.md`, except those to the end state. */
export function diagram(heading: string): readonly string[] {
  const section = ARCHITECTURE.split(`\n## ${heading}\n`)[1]?.split("\n## ")[0] ?? "";
  const arrows = [...section.matchAll(/^ {2}(\S+) --> (\w+)/gm)].map(([, from = "", to = ""]) => `${from} -> ${to}`);
  return [...new Set(arrows)].toSorted();
}
