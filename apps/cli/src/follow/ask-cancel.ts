import { confirm } from "@clack/prompts";
import { isEnded, settledCount, shownUsd, simulatedMark, type BatchStatus } from "@darkroom/core";
import type { DarkroomClient } from "../api/client.ts";
import { Interrupted } from "../exit-codes.ts";
import type { Invocation } from "../run-command.ts";
import { portraitsText } from "../text/portraits-text.ts";
import { askUnlessMoved } from "./ask-unless-moved.ts";

/** True if a cancellation drops this batch's calls that are in flight at the provider. */
export function dropsCalls({ state, cancelling, counts }: BatchStatus): boolean {
  return !isEnded(state) && !cancelling && counts.running > 0;
}

/**
 * Estimates the cost of the portraits in flight from the estimate for the remaining portraits. Undefined without a
 * price; a mean if prices differ by row.
 */
export function inFlightUsd(status: BatchStatus): number | undefined {
  const { counts, estimatedCostUsd, costUsd, unstored, lostUsd } = status;
  const left = counts.total - settledCount(counts);
  if (estimatedCostUsd === null || left === 0) return undefined;
  // The estimate contains the full price of pictures that are paid but not stored yet.
  const ofTheRest = estimatedCostUsd - (costUsd - unstored.usd) - lostUsd;
  return ofTheRest > 0 ? (ofTheRest / left) * counts.running : undefined;
}

/**
 * Builds the text before a cancellation: the portraits to be dropped, their possible cost, and how to let them finish.
 */
export function beforeCancelText(status: BatchStatus): string {
  const { id, unattended } = status;
  const { who, verb, them, cost } = wordsOf(status);
  // A pause cannot finish portraits whose worker is gone.
  if (unattended !== null)
    return `${who} ${verb.was} with the provider when the work stopped and may be billed${cost}; to finish ${them}: darkroom watch ${id}.`;
  return `${who} ${verb.is} with the provider now and may be billed${cost}; pause lets ${them} finish: darkroom pause ${id}.`;
}

/** Builds the same text for a cancellation that was not confirmed. */
export function afterCancelText(status: BatchStatus): string {
  const { who, verb, them, cost } = wordsOf(status);
  const instead = status.unattended === null ? `; pause would have let ${them} finish` : "";
  return `${who} ${verb.was} with the provider and may be billed${cost}${instead}.`;
}

function wordsOf(status: BatchStatus) {
  const { running } = status.counts;
  const usd = inFlightUsd(status);
  return {
    who: portraitsText(running),
    verb: running === 1 ? { is: "is", was: "was" } : { is: "are", was: "were" },
    them: running === 1 ? "it" : "them",
    cost:
      usd === undefined
        ? simulatedMark(status.lane)
        : `, ${mayDiffer(status) ? "about" : "up to"} ${shownUsd(usd, status.lane)}`,
  };
}

/** True if portraits may differ in price by row, round or provider, so that the mean is no upper bound. */
function mayDiffer({ source, rounds, fallback }: BatchStatus): boolean {
  return !source.endsWith("/") || rounds.length > 0 || (fallback !== null && fallback.since !== null);
}

/** Asks before a cancellation drops calls. The question closes once no call is left to drop. */
export async function mayCancel(
  { terminal, signal }: Invocation,
  client: DarkroomClient,
  status: BatchStatus,
): Promise<boolean> {
  const { stdin: input, stderr: output } = terminal.streams;
  const message = `${beforeCancelText(status)} Cancel anyway?`;
  const answer = await askUnlessMoved(client, status, {
    signal,
    question: async (closing) => await confirm({ message, initialValue: false, input, output, signal: closing }),
    isMoved: ({ state, cancelling }) => isEnded(state) || cancelling,
  });
  // If the batch changed first, the API returns its state.
  if (typeof answer === "object") return true;
  if (typeof answer === "symbol") throw new Interrupted();
  return answer;
}
