import type { BatchStatus } from "@darkroom/core";
import prettyMilliseconds from "pretty-ms";
import { rateText, timeLeftText } from "./batch-line.ts";

const SEPARATOR = " · ";

/**
 * What stands beside a progress bar: counts, rate and time left. Where the terminal is narrow, what matters less is left
 * out whole, so that no number is cut.
 *
 * @param columns room for the text
 * @param elapsedMs how long this command has watched
 */
export function barText(status: BatchStatus, columns: number, elapsedMs: number): string {
  const fitting: string[] = [];
  const parts = partsOf(status, elapsedMs);
  for (const { text } of parts.toSorted((a, b) => a.rank - b.rank)) {
    if ([...fitting, text].join(SEPARATOR).length <= columns) fitting.push(text);
  }
  return parts
    .filter(({ text }) => fitting.includes(text))
    .map(({ text }) => text)
    .join(SEPARATOR);
}

interface Part {
  readonly text: string;
  /** The lowest is kept longest. */
  readonly rank: number;
}

function partsOf(
  { counts, ratePerSecond, secondsLeft, state, pilot }: BatchStatus,
  elapsedMs: number,
): readonly Part[] {
  const ranks = { failed: 0, cancelled: 3, running: 2, retrying: 4, skipped: 5 } as const;
  const counted = (["failed", "cancelled", "running", "retrying", "skipped"] as const)
    .filter((name) => counts[name] > 0)
    .map((name) => ({ text: `${counts[name]} ${name}`, rank: ranks[name] }));
  return [
    ...(pilot === null || state !== "running" ? [] : [{ text: `pilot of ${pilot}`, rank: 1 }]),
    ...counted,
    ...(ratePerSecond === null ? [] : [{ text: rateText(ratePerSecond), rank: 6 }]),
    ...(secondsLeft === null ? [] : [{ text: timeLeftText(secondsLeft), rank: 1 }]),
    ...(state === "running" ? [] : [{ text: state, rank: 1 }]),
    ...(elapsedMs < 1_000 ? [] : [{ text: prettyMilliseconds(elapsedMs, { secondsDecimalDigits: 0 }), rank: 7 }]),
  ];
}
