import type { GivenPictures } from "@darkroom/ledger";
import type { PortraitRun } from "../run/portrait-run.ts";
import { RunEnded } from "../run/run-ending.ts";
import { reclaim } from "./reclaim.ts";

/**
 * Checks the claim right before each write to the destination. A worker that was declared dead may still run, and must
 * not overwrite another run's picture. Reclaims a claim that Redis lost, unless another worker holds it.
 *
 * @param given digests of the received picture; the ledger compares them with those of other photos' portraits
 * @returns the index of another photo's portrait that received the same picture
 * @throws RunEnded when the claim is lost
 */
export async function confirmClaim(run: PortraitRun, given?: GivenPictures): Promise<number | undefined> {
  const { ledger } = run.context;
  const { spec, index, token } = run.claim;
  const ask = (): ReturnType<typeof ledger.claims.confirmStore> =>
    ledger.claims.confirmStore(spec.id, index, token, given);
  let answer = await ask();
  if (answer.kind === "lost" && (await reclaim(run))) answer = await ask();
  if (answer.kind === "lost") throw new RunEnded({ kind: "claim-lost" });
  return answer.sharedWith;
}
