import { setTimeout as sleep } from "node:timers/promises";
import { isEnded, settledCount, type BatchStatus } from "@darkroom/core";
import { portraitsText } from "../text/portraits-text.ts";
import { CommandError } from "../exit-codes.ts";
import { providerForLane, type ProviderChoice } from "../options/provider-choice.ts";
import type { Invocation } from "../run-command.ts";
import type { Session } from "../local-stack/session.ts";
import { waitTexts } from "../text/wait-words.ts";

/** After a worker dies, the provider's memory may be queried for minutes. The user waits at most this long. */
const END_WITHIN_MS = 60_000;
const LOOK_EVERY_MS = 250;

/**
 * Ends a cancelled batch that has no processes: starts the processes that it needs to end, and pays for nothing.
 *
 * @returns the batch afterwards, ended or not; unchanged if another process ends the batch, or no provider is available
 *   for its calls in flight
 */
export async function endCancelled(
  { env, terminal, signal }: Invocation,
  { client, local }: Session,
  cancelled: BatchStatus,
): Promise<BatchStatus> {
  if (local === undefined || cancelled.unattended === null || isEnded(cancelled.state)) return cancelled;
  let provider: ProviderChoice;
  try {
    provider = providerForLane(env, false, cancelled.lane);
  } catch (error) {
    // The batch is cancelled even if the provider is not available here.
    if (!(error instanceof CommandError)) throw error;
    terminal.note(error.message);
    return cancelled;
  }
  terminal.note("No process works on it: this command ends it and writes its report. No more portraits are started.");
  await local.startWork(provider, { batches: [cancelled.id] });
  const late = performance.now() + END_WITHIN_MS;
  for (;;) {
    const status = await client.status(cancelled.id);
    if (isEnded(status.state) || performance.now() > late) return status;
    await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}

/**
 * Explains why a cancelled batch has not ended within that time, for example "It has not ended yet: 2 portraits are
 * left. It waits for …".
 */
export function leftText({ id, counts, waiting }: BatchStatus): string {
  const left = counts.total - settledCount(counts);
  const what = left === 0 ? "" : `: ${portraitsText(left)} ${left === 1 ? "is" : "are"} left`;
  const waits = waitTexts(waiting);
  const why = waits.length === 0 ? "" : ` It waits ${waits.join("; ")}.`;
  return `It has not ended yet${what}.${why} Finish it with: darkroom watch ${id}`;
}
