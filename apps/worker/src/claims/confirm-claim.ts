import type { GivenPictures } from "@darkroom/ledger";
import type { PortraitRun } from "../run/portrait-run.ts";
import { RunEnded } from "../run/run-ending.ts";
import { reclaim } from "./reclaim.ts";

/**
 * Asked right before each write into the destination: a worker that was taken for dead may come back late, and must not
 * put its picture over what another run has stored. A claim that Redis has forgotten, and that no other worker has taken
 * since, is taken back.
 *
 * @param given what the portrait was given, to be compared with what others were
 * @returns the index of another photo's portrait that was given the same
 * @throws RunEnded where the claim is lost
 */
export async function confirmClaim(run: PortraitRun, given?: GivenPictures): Promise<number | undefined> {
  const { ledger } = run.context;
  const { spec, index, token } = run.claim;
  const ask = (): ReturnType<typeof ledger.confirmStore> => ledger.confirmStore(spec.id, index, token, given);
  let answer = await ask();
  if (answer.kind === "lost" && (await reclaim(run))) answer = await ask();
  if (answer.kind === "lost") throw new RunEnded({ kind: "claim-lost" });
  return answer.sharedWith;
}
