import { batchKeys, type OutcomeCode, type Pauser, type Round } from "@darkroom/core";
import type { BatchRecord } from "@darkroom/ledger";
import type { ProducerContext } from "./context.ts";

/**
 * `control.json`: what people did to a batch since it was accepted, so that a batch that is rebuilt from the object
 * store neither spends what nobody approved nor goes on with what was cancelled (P5). Written within a round of every
 * change; deleted with the batch's folder only.
 */
export interface ControlFile {
  readonly revision: number;
  readonly unconfirmed: boolean;
  readonly pilot?: number;
  readonly pilotPicks?: readonly number[];
  readonly paused?: { readonly by: Pauser; readonly reason: string };
  readonly stopped?: { readonly code: OutcomeCode; readonly endsRunning: boolean; readonly reason: string };
  readonly maxCostUsd?: number;
  readonly rounds: readonly Round[];
}

export function controlFileOf(record: BatchRecord): ControlFile {
  const { revision, unconfirmed, pilot, pilotPicks, maxCostUsd, pausedBy, stopCode, endsRunning } = record;
  const reason = record.reason ?? "";
  return {
    revision,
    unconfirmed,
    ...(pilot === undefined ? {} : { pilot }),
    ...(pilotPicks === undefined ? {} : { pilotPicks }),
    ...(pausedBy === undefined ? {} : { paused: { by: pausedBy, reason } }),
    ...(record.cancelled ? { stopped: { code: stopCode, endsRunning, reason } } : {}),
    ...(maxCostUsd === undefined ? {} : { maxCostUsd }),
    rounds: record.rounds.map(({ number, at, codes, recipe }) => ({ number, at, codes, recipe })),
  };
}

/** Notes in the object store what people did to the batch, where that is not known there yet. */
export async function keepControlFile(context: ProducerContext, record: BatchRecord): Promise<void> {
  if (record.revision <= record.storedRevision) return;
  const text = `${JSON.stringify(controlFileOf(record), undefined, 2)}\n`;
  await context
    .openStore(record.spec.destination.url)
    .put(batchKeys(record.spec.id).control, Buffer.from(text), { contentType: "application/json" });
  await context.ledger.control.storedRevision(record.spec.id, record.revision);
}
