import { protocolMs } from "@darkroom/core";
import type { BatchState, ObjectStore, PortraitRow } from "@darkroom/core";
import type { ResultOwner } from "@darkroom/ledger";
import { objectName } from "@darkroom/storage";
import type { PortraitRun } from "../run/portrait-run.ts";
import { RunEnded } from "../run/run-ending.ts";

/** Interval between checks of the owning portrait. */
const LOOK_MS = protocolMs(5_000);
/** Interval between those checks while the owner's batch waits for its user. */
const LONG_LOOK_MS = protocolMs(60_000);

/**
 * Claims the result's key for this portrait, so that no other batch pays for the same result at the same time. If
 * another portrait owns the key, the run ends and is retried until that result exists or its key is released.
 */
export async function ownResult(run: PortraitRun, row: PortraitRow, destination: ObjectStore): Promise<void> {
  const { ledger, owners, failover, random } = run.context;
  const { spec, index, token } = run.claim;
  // After a failover, live workers first reassert the keys whose results they are producing.
  const settlingMs = await failover.settlingMs();
  if (settlingMs > 0) throw later("failover", settlingMs, "Redis may have forgotten which portrait makes this result");
  // The name is the same in every batch with this destination.
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

/** The command that resumes a batch in a state that needs its user. */
const RESUME_COMMANDS: Readonly<Partial<Record<BatchState, string>>> = {
  paused: "resume",
  awaiting_approval: "approve",
  awaiting_confirmation: "confirm",
};

/** The text is identical for all portraits of one owner, so that a watching client shows the text once. */
function ownerText({ batchId, state }: ResultOwner): string {
  const command = state === undefined ? undefined : RESUME_COMMANDS[state];
  const rests = command === undefined ? "" : `, and is ${state?.replaceAll("_", " ") ?? ""}`;
  const goOn =
    command === undefined
      ? `see it, or continue it: darkroom watch ${batchId}`
      : `continue it: darkroom ${command} ${batchId}`;
  return `batch ${batchId} has the same destination, may have paid for the same results${rests}; ${goOn}, give it up: darkroom cancel ${batchId}`;
}
