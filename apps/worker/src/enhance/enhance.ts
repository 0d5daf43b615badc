import { DarkroomError, type Receipt, callsLeft, outcomeOf } from "@darkroom/core";
import type { Claimed, LaneContext, WorkerContext } from "../run/worker-context.ts";
import { EndRun } from "../run/run-ending.ts";
import { linksOf, type Enhanced } from "./enhanced-pictures.ts";
import { findLostResult } from "./lost-result.ts";
import { lookForNewer } from "./recall-final-picture.ts";
import { payTurn } from "./call-provider.ts";
import type { Prepared } from "../prepare/prepare.ts";
import { askFirstProvider } from "./recall-at-primary-lane.ts";
import { forgottenTurn, recallTurn } from "./recall-turn.ts";
import type { ReceiptBox } from "./receipt-box.ts";

/** Takes the portrait through every step of its recipe and gives what the last one made; pays for each step once. */
export async function enhance(
  context: WorkerContext,
  lane: LaneContext,
  claimed: Claimed,
  prepared: Prepared,
  box: ReceiptBox,
): Promise<Enhanced> {
  await findLostResult({ context, lane, claimed, prepared, box });
  await askFirstProvider(context, claimed, prepared, box);
  let last: Enhanced | undefined;
  for (let step = 0; step < prepared.recipe.steps.length; step += 1) {
    const turn = box.current.turns[step] ?? (await forgottenTurn(context, lane, claimed, prepared, box, step));
    if (turn !== undefined && turn.outputUrl === undefined) {
      await recallTurn(context, lane, claimed, prepared, box, step, turn);
    }
    await lookForNewer(context, lane, claimed, prepared, box, step);
    const found = linksOf(box.current.turns[step]);
    if (found === undefined) endWhenUsedUp(context, box.current);
    last = found ?? (await payTurn(context, lane, claimed, prepared, box, step, last));
  }
  if (last === undefined) throw new DarkroomError("internal", "the recipe has no step");
  return last;
}

/** The attempts were used up, and the last answer was looked for in vain. */
function endWhenUsedUp({ timing }: WorkerContext, receipt: Receipt): void {
  const { lastFailure } = receipt;
  if (callsLeft(receipt, timing.attempts) > 0 || lastFailure === undefined) return;
  const { code, message, billed } = lastFailure;
  throw new EndRun({ kind: "settle", outcome: outcomeOf(receipt, code, message, billed) });
}
