import { readControlFile, type ControlFile } from "@darkroom/archive";
import { MICRO, canonicalJson, isDarkroomError, messageOf } from "@darkroom/core";
import { type BatchRecord, type ControlMessage } from "@darkroom/ledger";
import type { ProducerContext } from "../context.ts";

type AdoptContext = Pick<ProducerContext, "ledger" | "bus" | "openStore" | "log">;
type Told = Extract<ControlMessage["type"], `batch-${string}`>;

/**
 * Reapplies user actions on a batch that Redis lost in a failover or a restart from an older state. Pauses and
 * cancellations are reapplied even when in doubt. Actions that allow spending are reapplied only if nothing has changed
 * since.
 *
 * @returns true when the record changed and must be read again
 */
export async function adoptControl(context: AdoptContext, batchId: string): Promise<boolean> {
  const { ledger, bus, openStore, log } = context;
  const found = await ledger.read(batchId);
  if (found === undefined) return false;
  const file = await readControlFile(openStore(found.spec.destination.url), batchId).catch((error: unknown) => {
    if (!isDarkroomError(error) || error.retryable) throw error;
    // A retry would not help, and an unreadable file must not block the batch forever.
    log.error({ batch: batchId, err: error }, `the batch's control file cannot be read: ${messageOf(error)}`);
    return undefined;
  });
  if (file === undefined) return false;
  const { duplicates, forgotten } = compareRounds(found, file);
  for (const duplicate of duplicates) await ledger.control.markAgain(batchId, duplicate);
  if (forgotten.length > 0) {
    await ledger.control.adoptRounds(batchId, forgotten);
    log.warn({ batch: batchId }, "Redis has lost retries of a batch: reopening them from its control file");
  }
  const record = forgotten.length === 0 ? found : await ledger.read(batchId);
  const told = record === undefined ? undefined : await adopt(context, record, file);
  // From here on, every change must have a higher revision than the stored file, which would otherwise count as the
  // newest file.
  const wasForgotten = await ledger.control.outnumber(batchId, file.revision);
  if (told === undefined) return wasForgotten || duplicates.length + forgotten.length > 0;
  log.warn({ batch: batchId, act: told }, "Redis had lost a change to a batch: reapplied it from its control file");
  await bus.tell({ type: told, batch: batchId });
  return true;
}

async function adopt({ ledger }: AdoptContext, record: BatchRecord, file: ControlFile): Promise<Told | undefined> {
  const { control } = ledger;
  const { id } = record.spec;
  // A change made after the record was read is newer than anything that Redis has lost.
  const order = { madeFor: record };
  if (file.stopped !== undefined && forgotStop(record, file, file.stopped.endsRunning)) {
    const { reason, code, endsRunning } = file.stopped;
    const { kind } = await control.stop(id, { reason, code, endsRunning }, order);
    return kind !== "done" ? undefined : endsRunning ? "batch-cancelled" : "batch-paused";
  }
  if (record.cancelled) return undefined;
  if (record.pilot !== undefined && record.pilotPicks === undefined && file.pilotPicks !== undefined) {
    // Different picks would start a second pilot.
    await control.choosePilot(id, file.pilotPicks);
  }
  if (file.paused !== undefined) {
    const forgot = record.pausedBy === undefined && file.revision >= record.revision;
    if (!forgot) return undefined;
    const { kind } = await control.pause(id, file.paused.reason, { by: file.paused.by, order });
    return kind === "done" ? "batch-paused" : undefined;
  }
  if (file.revision <= record.revision || record.revision > record.storedRevision) return undefined;
  const isOther = file.maxCostUsd !== undefined && file.maxCostUsd !== record.maxCostUsd;
  const budget = isOther ? Math.round((file.maxCostUsd ?? 0) * MICRO) : undefined;
  if (record.pausedBy !== undefined) {
    const { kind } = await control.resume(id, budget, order);
    return kind === "done" ? "batch-resumed" : undefined;
  }
  if (budget !== undefined && (await control.resume(id, budget, order)).kind === "stale") return undefined;
  if (record.state === "awaiting_confirmation" && !file.unconfirmed) {
    await control.confirm(id, order);
    return "batch-resumed";
  }
  if (record.state === "awaiting_approval" && file.pilot === undefined) {
    await control.approve(id, order);
    return "batch-resumed";
  }
  return budget === undefined || record.state === "awaiting_approval" ? undefined : "batch-resumed";
}

interface ComparedRounds {
  /** Rounds in Redis that repeat a round of the file at the same position. */
  readonly duplicates: BatchRecord["rounds"];
  /** The first round of the file that Redis lacks at its position, and all later ones. */
  readonly forgotten: ControlFile["rounds"];
}

/** A duplicate round takes over the results of the lost round's calls. */
function compareRounds({ rounds }: BatchRecord, file: ControlFile): ComparedRounds {
  const others = file.rounds.map(({ at, recipe }, place) => {
    const known = rounds[place];
    if (known?.at === at) return "known";
    return known !== undefined && canonicalJson(known.recipe) === canonicalJson(recipe) ? "duplicate" : "forgotten";
  });
  const first = others.includes("forgotten") ? others.indexOf("forgotten") : others.length;
  const duplicates = rounds
    .slice(0, first)
    .filter(({ again }, place) => others[place] === "duplicate" && again !== true);
  return { duplicates, forgotten: file.rounds.slice(first) };
}

/** Only a newer round reopens a stopped batch. If the rounds are equal and Redis shows no stop, Redis lost the stop. */
function forgotStop({ cancelled, endsRunning, rounds }: BatchRecord, file: ControlFile, forAll: boolean): boolean {
  return file.rounds.length >= rounds.length && (!cancelled || (forAll && !endsRunning));
}
