import { answersOf, callOf, pictureLinks, presentCalls, promptOf, sessionId } from "@darkroom/core";
import type { RecallAnswer } from "@darkroom/provider-kit";
import { serverNow } from "@darkroom/redis-kit";
import { failedInOutage, isUnreached } from "../lanes/lane-health.ts";
import type { PreparedRun } from "../run/portrait-run.ts";
import { RunEnded } from "../run/run-ending.ts";

/** The longest time that a picture takes (provider contract A.5), and so the longest wait for a call that had begun. */
export const LONGEST_PICTURE_MS = 300_000;

/**
 * Recalls a call from the provider's memory. The memory may hold exchanges that the receipt does not, such as refused
 * calls, and may return an earlier step's picture, which is not the answer to this step. Ends the run in an outage.
 * Other failures of the memory do not count against the lane.
 */
export async function askMemory(run: PreparedRun, step: number, exchangesBefore: number): Promise<RecallAnswer> {
  const { lane, claim, prepared, receipt, signal } = run;
  const { recipe, order } = prepared;
  const generation = callOf(receipt, step)?.generation ?? receipt.session.generation;
  const [enteredAt, startedAt] = [serverNow(), performance.now()];
  const answer = await lane.provider.recall(
    {
      sessionId: sessionId(claim.spec.id, order.identity, generation, claim.round),
      prompt: promptOf(recipe, step, receipt),
      exchangesBefore,
      answers: answersOf(recipe),
    },
    signal,
  );
  if (answer.kind === "unavailable" && isUnreached(lane, answer)) {
    const { message } = answer;
    const ended = { enteredAt, tookMs: performance.now() - startedAt, sign: "unreached" } as const;
    if (await failedInOutage(run, ended)) throw new RunEnded({ kind: "blocked", reason: "outage", message });
  }
  const earlier = presentCalls(receipt).filter((call) => call.step < step);
  const isOfBefore = answer.kind === "found" && earlier.some((call) => pictureLinks(call)[0] === answer.url);
  return isOfBefore ? { kind: "nothing_yet" } : answer;
}
