import { protocolMs } from "@darkroom/core";
import type { BatchState, ObjectStore, PortraitRow } from "@darkroom/core";
import type { ResultOwner } from "@darkroom/ledger";
import { objectName } from "@darkroom/storage";
import type { PortraitRun } from "../run/portrait-run.ts";
import { RunEnded } from "../run/run-ending.ts";

/** When the portrait that owns the result is looked at again. */
const LOOK_MS = protocolMs(5_000);
/** The same where its batch waits for a person. */
const LONG_LOOK_MS = protocolMs(60_000);

/**
 * Takes the place of the result for this portrait, so that no other batch pays for it at the same time. While another
 * portrait owns it, the run ends and comes again: then the result is there, or can be had.
 */
export async function ownResult(run: PortraitRun, row: PortraitRow, destination: ObjectStore): Promise<void> {
  const { ledger, owners, failover, random } = run.context;
  const { spec, index, token } = run.claim;
  // What a Redis that followed another has forgotten is said again by the living workers: until then nothing is free.
  const settlingMs = await failover.settlingMs();
  if (settlingMs > 0) throw later("failover", settlingMs, "Redis may have forgotten who makes this result");
  // The same for every batch that puts it there.
  const name = objectName({ store: destination, key: row.destination });
  const owner = await owners.take(ledger, name, { batchId: spec.id, index, token });
  if (owner === undefined) return;
  const delayMs = (isAtRest(owner.state) ? LONG_LOOK_MS : LOOK_MS) * (1 + random() / 2);
  throw later("other_batch", delayMs, ownerText(owner));
}

function later(reason: "failover" | "other_batch", delayMs: number, message: string): RunEnded {
  return new RunEnded({ kind: "later", reason, delayMs, message });
}

function isAtRest(state: BatchState | undefined): boolean {
  return state === "paused" || state === "awaiting_approval" || state === "awaiting_confirmation";
}

/** The command that lets a batch go on which waits for a person. */
const GOES_ON: Readonly<Partial<Record<BatchState, string>>> = {
  paused: "resume",
  awaiting_approval: "approve",
  awaiting_confirmation: "confirm",
};

/** The same for all portraits of one owner, so that a watcher is told once. */
function ownerText({ batchId, state }: ResultOwner): string {
  const command = state === undefined ? undefined : GOES_ON[state];
  const rests = command === undefined ? "" : `, and is ${state?.replaceAll("_", " ") ?? ""}`;
  const goOn =
    command === undefined
      ? `see it, or go on with it: darkroom watch ${batchId}`
      : `go on with it: darkroom ${command} ${batchId}`;
  return `batch ${batchId} has the same destination, may have paid for the same results${rests}; ${goOn}, give it up: darkroom cancel ${batchId}`;
}
