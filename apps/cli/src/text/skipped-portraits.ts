import { isEnded, OUTCOMES, type BatchStatus, type OutcomeCode } from "@darkroom/core";
import type { DarkroomClient } from "../api/client.ts";
import { failureReasons, type FailureReason } from "./failure-reasons.ts";
import { wholeLines } from "./whole-lines.ts";

/** Maximum number of report lines that a summary reads. */
const MOST_LINES = 2_000;

/** The report's messages about the photos that a batch skipped. */
export interface Skipped {
  /** Number of skipped portraits that were examined. */
  readonly looked: number;
  /** The pictures that the batch added to already delivered ones, such as crops. */
  readonly added: readonly FailureReason[];
  /** The results of another recipe that the order keeps. */
  readonly kept: readonly FailureReason[];
}

export const NONE_SKIPPED: Skipped = { looked: 0, added: [], kept: [] };

/**
 * Reads the first lines of an ended batch's report, because only the report keeps the message of a successful outcome.
 */
export async function skippedPortraits(client: DarkroomClient, status: BatchStatus): Promise<Skipped> {
  if (!hasSkipped(status)) return NONE_SKIPPED;
  const body = await client.report(status.id, "report.jsonl");
  const skipped: Parameters<typeof failureReasons>[0][number][] = [];
  let lines = 0;
  for await (const text of wholeLines(body)) {
    const line = JSON.parse(text) as ReportedLine;
    if (OUTCOMES[line.outcome].state === "skipped") skipped.push(asFailure(line));
    lines += 1;
    if (lines >= MOST_LINES) break;
  }
  const reasons = failureReasons(skipped);
  return { looked: skipped.length, added: reasons.get("already_delivered") ?? [], kept: reasons.get("kept") ?? [] };
}

/** True if a batch's report lists skipped portraits. */
export function hasSkipped({ state, report, counts }: BatchStatus): boolean {
  return isEnded(state) && report !== null && counts.skipped > 0;
}

interface ReportedLine {
  readonly id: string;
  readonly source: string;
  readonly outcome: OutcomeCode;
  readonly message: string;
}

function asFailure({ id, source, outcome: code, message }: ReportedLine) {
  return { id, source, outcome: { code, message } };
}
