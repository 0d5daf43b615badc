import type { GivenPictures } from "@darkroom/ledger";
import { EndRun } from "../run/run-ending.ts";
import type { ReceiptBox } from "../enhance/receipt-box.ts";
import { reclaim, type ReclaimedRun, type Reclaiming } from "./reclaim.ts";

/**
 * Asked right before each write into the destination: whoever was taken for dead may come back late, and must not put its
 * picture over what another run has stored. A claim that Redis has forgotten, and that nobody has taken since, is taken
 * back. Ends the run where the claim is lost.
 *
 * @param given what the portrait was given, to be compared with what others were
 * @returns the index of another photo's portrait that was given the same
 */
export async function confirmClaim(
  context: Reclaiming,
  claimed: ReclaimedRun,
  box: ReceiptBox,
  given?: GivenPictures,
): Promise<number | undefined> {
  const { spec, index, token } = claimed;
  const ask = (): ReturnType<typeof context.ledger.confirmStore> =>
    context.ledger.confirmStore(spec.id, index, token, given);
  let answer = await ask();
  if (answer.kind === "lost" && (await reclaim(context, claimed, box.current))) answer = await ask();
  if (answer.kind === "lost") throw new EndRun({ kind: "claim-lost" });
  return answer.sharedWith;
}
