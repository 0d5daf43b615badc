import type { BatchRecord, Ledger } from "@darkroom/ledger";

/** Portraits per read while searching for a pending one. */
const CHUNK = 8_192;

/**
 * Chooses the pilot after ingest, replaces its portraits that were delivered before or are kept, and ends it when its
 * portraits have ended.
 */
export async function advancePilot(ledger: Ledger, record: BatchRecord): Promise<void> {
  const { spec, pilot, pilotPicks, ingested, state } = record;
  if (pilot === undefined || state !== "running" || !ingested || record.unconfirmed) return;
  if (pilotPicks === undefined) {
    const picks = await pickPending(ledger, record, Math.min(pilot, record.counts.pending));
    return await ledger.control.choosePilot(spec.id, picks);
  }
  const { lacking, counting } = await ledger.control.endPilot(spec.id);
  if (lacking === 0) return;
  const more = await pickPending(ledger, record, lacking);
  await ledger.control.choosePilot(
    spec.id,
    [...counting, ...more].sort((a, b) => a - b),
    pilotPicks,
  );
}

/** Picks pending portraits spread evenly over the batch, or fewer if the batch has fewer. */
async function pickPending(ledger: Ledger, { spec, counts }: BatchRecord, size: number): Promise<readonly number[]> {
  const picks = new Set<number>();
  for (let place = 0; place < size; place += 1) {
    const wished = Math.floor(((place + 0.5) * counts.total) / size);
    const pick =
      (await firstPending(ledger, spec.id, [wished, counts.total], picks)) ??
      (await firstPending(ledger, spec.id, [0, wished], picks));
    if (pick === undefined) break;
    picks.add(pick);
  }
  return [...picks].sort((a, b) => a - b);
}

async function firstPending(
  ledger: Ledger,
  batchId: string,
  [from, to]: readonly [number, number],
  taken: ReadonlySet<number>,
): Promise<number | undefined> {
  for (let start = from - (from % 2); start < to; start += CHUNK) {
    const pending = await ledger.indexesIn(batchId, start, Math.min(CHUNK, to - start), ["pending"]);
    const free = pending.find((index) => index >= from && !taken.has(index));
    if (free !== undefined) return free;
  }
  return undefined;
}
