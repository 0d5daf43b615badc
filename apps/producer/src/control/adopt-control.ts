import { readControlFile, type ControlFile } from "@darkroom/archive";
import { MICRO, canonicalJson, isDarkroomError, messageOf } from "@darkroom/core";
import { type BatchRecord, type ControlMessage } from "@darkroom/ledger";
import type { ProducerContext } from "../context.ts";

type AdoptContext = Pick<ProducerContext, "ledger" | "bus" | "openStore" | "log">;
type Told = Extract<ControlMessage["type"], `batch-${string}`>;

/**
 * Does once more what people did to a batch and Redis has forgotten: it follows another, or was started again, and is a
 * little behind the control file. What holds money back counts in doubt; what lets it go only where nothing was done since.
 *
 * @returns whether anything was done, so that the batch is to be read anew
 */
export async function adoptControl(context: AdoptContext, batchId: string): Promise<boolean> {
  const { ledger, bus, openStore, log } = context;
  const found = await ledger.read(batchId);
  if (found === undefined) return false;
  const file = await readControlFile(openStore(found.spec.destination.url), batchId).catch((error: unknown) => {
    if (!isDarkroomError(error) || error.retryable) throw error;
    // It is not read again: a batch must not stand for ever because of it.
    log.error({ batch: batchId, err: error }, `what was done to a batch cannot be looked up: ${messageOf(error)}`);
    return undefined;
  });
  if (file === undefined) return false;
  const { twins, forgotten } = compareRounds(found, file);
  for (const twin of twins) await ledger.control.markAgain(batchId, twin);
  if (forgotten.length > 0) {
    await ledger.control.adoptRounds(batchId, forgotten);
    log.warn({ batch: batchId }, "Redis has forgotten that a batch was to be tried again: retry it once more");
  }
  const record = forgotten.length === 0 ? found : await ledger.read(batchId);
  const told = record === undefined ? undefined : await adopt(context, record, file);
  // What is done from now on is newer than what the store knows, whose file would be taken for the newest otherwise.
  const wasForgotten = await ledger.control.outnumber(batchId, file.revision);
  if (told === undefined) return wasForgotten || twins.length + forgotten.length > 0;
  log.warn({ batch: batchId, act: told }, "Redis had forgotten what was done to a batch: it is done again");
  await bus.tell({ type: told, batch: batchId });
  return true;
}

async function adopt({ ledger }: AdoptContext, record: BatchRecord, file: ControlFile): Promise<Told | undefined> {
  const { control } = ledger;
  const { id } = record.spec;
  // What anybody did since the record was read is newer than anything that Redis has forgotten.
  const order = { madeFor: record };
  if (file.stopped !== undefined && forgotStop(record, file, file.stopped.endsRunning)) {
    const { reason, code, endsRunning } = file.stopped;
    const { kind } = await control.stop(id, reason, code, endsRunning, order);
    return kind !== "done" ? undefined : endsRunning ? "batch-cancelled" : "batch-paused";
  }
  if (record.cancelled) return undefined;
  if (record.pilot !== undefined && record.pilotPicks === undefined && file.pilotPicks !== undefined) {
    // Others would be a second pilot.
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
  /** Redis' own that do the same as those of the file in their places: the same rounds, begun again. */
  readonly twins: BatchRecord["rounds"];
  /** The first of the file that Redis does not have in its place, and all that follow it. */
  readonly forgotten: ControlFile["rounds"];
}

/** What calls of a forgotten round have made is its twin's own. */
function compareRounds({ rounds }: BatchRecord, file: ControlFile): ComparedRounds {
  const others = file.rounds.map(({ at, recipe }, place) => {
    const known = rounds[place];
    if (known?.at === at) return "known";
    return known !== undefined && canonicalJson(known.recipe) === canonicalJson(recipe) ? "twin" : "forgotten";
  });
  const first = others.includes("forgotten") ? others.indexOf("forgotten") : others.length;
  const twins = rounds.slice(0, first).filter(({ again }, place) => others[place] === "twin" && again !== true);
  return { twins, forgotten: file.rounds.slice(first) };
}

/** Only another round opens what was stopped: a batch in the same one that was not stopped has forgotten it. */
function forgotStop({ cancelled, endsRunning, rounds }: BatchRecord, file: ControlFile, forAll: boolean): boolean {
  return file.rounds.length >= rounds.length && (!cancelled || (forAll && !endsRunning));
}
