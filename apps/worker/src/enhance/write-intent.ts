import type { Receipt } from "@darkroom/core";
import { serverNow } from "@darkroom/redis-kit";
import type { Claimed, LaneContext, WorkerContext } from "../run/worker-context.ts";
import { linksOf, type Enhanced } from "./enhanced-pictures.ts";
import type { Prepared } from "../prepare/prepare.ts";
import { recallTurn } from "./recall-turn.ts";
import { intendedTurn, receiptAtIntent, withTurn, writeReceipt, type ReceiptBox } from "./receipt-box.ts";

export type Intent =
  /** The call may be made. `prior` is the receipt without its intent. */
  | { readonly kind: "intended"; readonly prior: Receipt }
  /** The answer of an earlier call of this turn has come meanwhile. */
  | { readonly kind: "found"; readonly enhanced: Enhanced };

/**
 * Writes the intent of a call that has passed the gate. Where an earlier call of the turn has no known answer, the
 * provider's memory is asked once more, and nothing that may take its time lies between that look and the call: not the
 * gate, not the photo's way, not Redis. An answer that came in any of them is found, and not paid again (P3). Leaves the
 * gate where no call follows.
 */
export async function intend(
  context: WorkerContext,
  lane: LaneContext,
  claimed: Claimed,
  prepared: Prepared,
  box: ReceiptBox,
  step: number,
): Promise<Intent> {
  const seen = { lane: lane.lane.name, remembers: lane.provider.remembers };
  const intended = (receipt: Receipt): Receipt =>
    withTurn(
      receiptAtIntent(receipt, claimed, seen, prepared, step),
      step,
      intendedTurn(prepared, step, receipt.generation),
    );
  let follows = false;
  try {
    const before = box.current;
    const unsure = before.turns[step];
    const written = intended(before);
    await writeReceipt(context, claimed, box, written);
    if (unsure === undefined) {
      follows = true;
      return { kind: "intended", prior: before };
    }
    // Should the run end in the look, the call was not made: the receipt is what it was.
    box.current = before;
    const seenThere = await recallTurn(context, lane, claimed, prepared, box, step, unsure);
    const enhanced = linksOf(box.current.turns[step]);
    if (enhanced !== undefined) return { kind: "found", enhanced };
    const prior = box.current;
    // By when it was first intended a claim is known again.
    const again = { ...intended(prior), firstIntentAt: written.firstIntentAt ?? serverNow() };
    if (seenThere === "nothing_yet") box.current = again;
    else await writeReceipt(context, claimed, box, again);
    follows = true;
    return { kind: "intended", prior };
  } finally {
    if (!follows) await lane.gate.leave(claimed.token);
  }
}
