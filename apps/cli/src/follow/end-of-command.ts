import { isEnded, type BatchStatus } from "@darkroom/core";
import { portraitsText } from "../text/portraits-text.ts";
import { Interrupted } from "../exit-codes.ts";
import type { Invocation } from "../run-command.ts";
import type { Session } from "../local-stack/session.ts";
import { leftBatchText, waitingForOthers } from "./standstill.ts";
import { statusAfterLeaving } from "./stopped-worker.ts";
import { commandThatGoesOn, waitsForPerson } from "./waits-for-person.ts";

/** The role of a command that follows a batch: `works` processes the batch, `looks` only watches it. */
export type Role = "works" | "looks";

/** If all processes run in this command, the work stops with it. */
export function howToGoOn(status: BatchStatus, alone: boolean): string {
  const command = commandThatGoesOn(status) ?? `darkroom resume ${status.id}`;
  const then = alone
    ? ` The work stops here with this command; afterwards continue it with: darkroom watch ${status.id}`
    : ` See it afterwards with: darkroom watch ${status.id}`;
  return `It waits for you. Continue with: ${command}, or end it with: darkroom cancel ${status.id}.${then}`;
}

/** Returns advice for a batch whose remaining portraits wait for other batches that no process works on. */
export function standstillText(status: BatchStatus, owners: readonly BatchStatus[]): string {
  const count = waitingForOthers(status);
  const each = owners.map((owner) => {
    const { how, goOn, giveUp } = leftBatchText(owner);
    return `Batch ${owner.id} ${how}. Continue it: ${goOn}, or give it up: ${giveUp}.`;
  });
  return [
    `It waits for you: ${portraitsText(count)} ${count === 1 ? "waits" : "wait"} for results of another batch, which may be paid for.`,
    ...each,
    `Then continue this batch: darkroom watch ${status.id}`,
  ].join(" ");
}

/** Returns the message of a command that only watched a batch, after the process that worked on it stopped. */
export function leftAloneText({ id }: BatchStatus): string {
  return `The process that worked on this batch has stopped; nothing is lost, and no more of it is started. ${ways(id)}`;
}

function ways(id: string): string {
  return `Continue with: darkroom watch ${id}, or end it with: darkroom cancel ${id}`;
}

/**
 * Ends a command at Ctrl-C, and reports the fate of its batch.
 *
 * @param last the batch's last known state
 * @param role undefined if the command has not started to follow the batch
 */
export async function afterInterrupt(
  { terminal }: Invocation,
  { local, client }: Session,
  {
    last,
    role,
    tell,
  }: {
    readonly last: BatchStatus;
    readonly role: Role | undefined;
    readonly tell: (status: BatchStatus) => Promise<void>;
  },
): Promise<Interrupted> {
  const { id } = last;
  // While a question is open, nothing is in flight, unless the batch was just changed elsewhere.
  const now = waitsForPerson(last) ? await client.status(id).catch(() => last) : last;
  if (waitsForPerson(now)) {
    await local?.stopWork();
    if (terminal.json) await tell(now);
    return new Interrupted(howToGoOn(now, local !== undefined));
  }
  if (local === undefined || role === "looks") {
    const status = await client.status(id).catch(() => undefined);
    if (status === undefined)
      return new Interrupted(`The API does not answer, so the state of the batch is not known. ${ways(id)}`);
    if (terminal.json) await tell(status);
    if (local !== undefined && status.unattended !== null) return new Interrupted(leftAloneText(status));
    return new Interrupted(
      `The batch continues without this command. See it again with: darkroom watch ${id}, or end it with: darkroom cancel ${id}`,
    );
  }
  terminal.note(
    "Stopping: portraits in flight get a moment to finish, the others are kept for later. Press Ctrl-C again to stop at once.",
  );
  await local.stopWork();
  const status = await statusAfterLeaving(client, id, local);
  if (terminal.json || isEnded(status.state)) await tell(status);
  if (isEnded(status.state)) return new Interrupted("Stopped; the batch had just ended.");
  if (status.unattended === null && !waitsForPerson(status) && !local.isAlone()) {
    return new Interrupted(
      `Stopped here; another process works on this batch and continues it. See it with: darkroom watch ${id}, or end it with: darkroom cancel ${id}`,
    );
  }
  return new Interrupted(`Stopped; nothing is lost, and no more of it is started. ${ways(id)}`);
}
