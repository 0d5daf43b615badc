import { isEnded, type BatchStatus, type OutcomeCode } from "@darkroom/core";
import type { DarkroomClient } from "../api/client.ts";
import { failureReasons, type FailureReason } from "./failure-reasons.ts";
import { wholeLines } from "./whole-lines.ts";

/** Maximum number of report lines that a summary reads. */
const MOST_LINES = 2_000;

/** The pictures that a batch added to already delivered ones, such as crops. */
export interface Added {
  /** Number of already delivered portraits that were examined. */
  readonly looked: number;
  readonly what: readonly FailureReason[];
}

export const NONE_ADDED: Added = { looked: 0, what: [] };

/**
 * Reads the first lines of an ended batch's report, because only the report keeps the message of a successful outcome.
 */
export async function addedToDelivered(client: DarkroomClient, status: BatchStatus): Promise<Added> {
  if (!mayHaveAdded(status)) return NONE_ADDED;
  const body = await client.report(status.id, "report.jsonl");
  const skipped: Parameters<typeof failureReasons>[0][number][] = [];
  let lines = 0;
  for await (const text of wholeLines(body)) {
    const line = JSON.parse(text) as ReportedLine;
    if (line.outcome === "already_delivered") skipped.push(asFailure(line));
    lines += 1;
    if (lines >= MOST_LINES) break;
  }
  return { looked: skipped.length, what: failureReasons(skipped).get("already_delivered") ?? [] };
}

/** True if a batch's report may tell of pictures that were added to delivered ones. */
export function mayHaveAdded({ state, report, counts }: BatchStatus): boolean {
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
