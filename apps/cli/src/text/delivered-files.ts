import { OUTCOMES, type OutcomeCode } from "@darkroom/core";
import type { Readable } from "node:stream";
import { wholeLines } from "./whole-lines.ts";

interface ReportedFiles {
  readonly outcome: OutcomeCode;
  readonly destination: string;
  readonly variations: readonly string[];
  readonly deliveries: readonly string[];
}

/**
 * Reads a report in JSON lines, and yields the files of its delivered portraits, one a line, as paths below the
 * destination that begin with `./`, so that no name looks like an option.
 */
export async function* deliveredFiles(report: Readable): AsyncGenerator<string> {
  for await (const text of wholeLines(report)) {
    const { outcome, destination, variations, deliveries } = JSON.parse(text) as ReportedFiles;
    const { state } = OUTCOMES[outcome];
    if (state !== "succeeded" && state !== "skipped") continue;
    yield [destination, ...variations, ...deliveries].map((key) => `./${key}\n`).join("");
  }
}
