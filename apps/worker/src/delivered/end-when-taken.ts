import { outcomeOf, type ObjectStore, type PortraitRow } from "@darkroom/core";
import type { PortraitRun } from "../run/portrait-run.ts";
import { RunEnded } from "../run/run-ending.ts";
import { whyKept, whyTaken, type Seen } from "./inspect-key.ts";

/**
 * Ends the run if the object at the portrait's key may not be replaced: as `kept` if the order keeps the object, otherwise
 * as `destination_taken`.
 */
export function endWhenTaken(
  run: PortraitRun,
  { row, destination, there }: { readonly row: PortraitRow; readonly destination: ObjectStore; readonly there: Seen },
): void {
  const { spec } = run.claim;
  const kept = whyKept(there, spec);
  if (kept !== undefined) {
    const outcome = { ...outcomeOf(run.receipt, "kept", kept), destination: row.destination };
    throw new RunEnded({ kind: "settle", outcome });
  }
  const taken = whyTaken(there, row.destination, destination, spec);
  if (taken !== undefined) throw run.settleAs("destination_taken", taken);
}
