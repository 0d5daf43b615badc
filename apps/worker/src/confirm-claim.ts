import type { GivenPictures } from "@darkroom/ledger";
import type { Claimed, WorkerContext } from "./context.ts";
import { EndRun } from "./ending.ts";
import type { ReceiptBox } from "./receipt-box.ts";

/**
 * Asked right before each write into the destination: whoever was taken for dead may come back late, and must not put its
 * picture over what another run has stored. A claim that Redis has forgotten, and that nobody has taken since, is taken
 * back. Ends the run where the claim is lost.
 *
 * @param given what the portrait was given, to be compared with what others were
 * @returns the index of another photo's portrait that was given the same
 */
export async function confirmClaim(
  { ledger }: Pick<WorkerContext, "ledger">,
  { spec, index, token }: Pick<Claimed, "spec" | "index" | "token">,
  box: ReceiptBox,
  given?: GivenPictures,
): Promise<number | undefined> {
  const ask = (): ReturnType<typeof ledger.confirmStore> => ledger.confirmStore(spec.id, index, token, given);
  let answer = await ask();
  if (answer.kind === "lost" && (await ledger.reclaim(spec.id, index, token, box.current))) answer = await ask();
  if (answer.kind === "lost") throw new EndRun({ kind: "claim-lost" });
  return answer.sharedWith;
}
