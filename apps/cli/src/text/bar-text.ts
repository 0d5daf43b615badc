import type { BatchStatus } from "@darkroom/core";
import prettyMilliseconds from "pretty-ms";
import { rateText, shownState, timeLeftText } from "./batch-line.ts";
import { shownCounts } from "./wait-words.ts";

const SEPARATOR = " · ";

/**
 * Formats the text next to a progress bar: counts, rate and remaining time. On a narrow terminal, omits less important
 * parts as a whole, so that no number is cut.
 *
 * @param columns space for the text
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
  /** Order of importance; parts with the lowest rank are kept longest. */
  readonly rank: number;
}

/** The bar itself shows the number of succeeded portraits. */
const RANKS = {
  succeeded: undefined,
  failed: 0,
  cancelled: 3,
  running: 2,
  retrying: 4,
  waiting: 4,
  skipped: 5,
} as const;

function partsOf(status: BatchStatus, elapsedMs: number): readonly Part[] {
  const { ratePerSecond, secondsLeft, state, pilot } = status;
  const counted = shownCounts(status).flatMap(({ state: of, count, words }) => {
    const rank = RANKS[of];
    return rank === undefined || count === 0 ? [] : [{ text: `${count} ${words}`, rank }];
  });
  return [
    ...(pilot === null || state !== "running" ? [] : [{ text: `pilot of ${pilot}`, rank: 1 }]),
    ...counted,
    ...(ratePerSecond === null ? [] : [{ text: rateText(ratePerSecond), rank: 6 }]),
    ...(secondsLeft === null ? [] : [{ text: timeLeftText(secondsLeft), rank: 1 }]),
    ...(state === "running" ? [] : [{ text: shownState(status), rank: 1 }]),
    ...(elapsedMs < 1_000 ? [] : [{ text: prettyMilliseconds(elapsedMs, { secondsDecimalDigits: 0 }), rank: 7 }]),
  ];
}
