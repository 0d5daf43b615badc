import { protocolMs } from "@darkroom/core";
import type { BatchState, ObjectStore, PortraitRow } from "@darkroom/core";
import type { ResultOwner } from "@darkroom/ledger";
import { objectName } from "@darkroom/storage";
import type { Claimed, WorkerContext } from "../run/worker-context.ts";
import { EndRun } from "../run/run-ending.ts";
import type { ReceiptBox } from "../enhance/receipt-box.ts";

/** When the portrait that owns the result is looked at again. */
const LOOK_MS = protocolMs(5_000);
/** The same where its batch waits for a person. */
const LONG_LOOK_MS = protocolMs(60_000);

/**
 * Takes the place of the result for this portrait, so that no other batch pays for it at the same time. While another
 * portrait owns it, the run ends and comes again: then the result is there, or can be had.
 */
export async function ownResult(
  { ledger, owners, continuity, random }: WorkerContext,
  { spec, index, token }: Claimed,
  row: PortraitRow,
  destination: ObjectStore,
  receipt: ReceiptBox,
): Promise<void> {
  // What a Redis that followed another has forgotten is said again by the living workers: until then nothing is free.
  const settlingMs = await continuity.settlingMs();
  if (settlingMs > 0) throw later(receipt, "failover", settlingMs, "Redis may have forgotten who makes this result");
  // The same for every batch that puts it there.
  const name = objectName({ store: destination, key: row.destination });
  const owner = await owners.take(ledger, name, { batchId: spec.id, index, token });
  if (owner === undefined) return;
  const delayMs = (isAtRest(owner.state) ? LONG_LOOK_MS : LOOK_MS) * (1 + random() / 2);
  throw later(receipt, "other_batch", delayMs, ownerText(owner));
}

function later(receipt: ReceiptBox, reason: "failover" | "other_batch", delayMs: number, message: string): EndRun {
  return new EndRun({ kind: "later", reason, delayMs, receipt: receipt.current, message });
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
