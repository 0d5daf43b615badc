import { gzipSync } from "node:zlib";
import { mayAsk } from "@darkroom/archive";
import { batchKeys } from "@darkroom/core";
import type { BatchRecord } from "@darkroom/ledger";
import type { ProducerContext } from "../context.ts";
import { PART_LINES } from "../dispatch/intervals.ts";

/**
 * Moves outcome lines from Redis into one report part. The part's key contains the id of the last line, so two
 * producers that drain at once never overwrite each other's lines. The key also records whether the part contains a
 * question.
 *
 * @returns the number of lines moved; less than a full part means that the stream is empty
 */
export async function drainOutcomes(context: ProducerContext, record: BatchRecord, sequence: number): Promise<number> {
  const { spec } = record;
  const lines = await context.ledger.undrainedOutcomes(spec.id, PART_LINES);
  const last = lines.at(-1);
  if (last === undefined) return 0;
  const body = gzipSync(lines.map(({ line }) => `${line}\n`).join(""));
  const key = batchKeys(spec.id).reportPart(
    sequence,
    last.entryId,
    lines.some(({ line }) => mayAsk(line)),
  );
  await context
    .openStore(spec.destination.url)
    .put(key, body, { contentType: "application/gzip", sizeBytes: body.length });
  await context.ledger.acknowledgeOutcomes(spec.id, sequence, last.entryId);
  context.metrics.outcomesDrained.inc(lines.length);
  return lines.length;
}

/** Drains until the stream is empty. */
export async function drainAll(context: ProducerContext, batchId: string): Promise<void> {
  for (;;) {
    const record = await context.ledger.read(batchId);
    if (record === undefined) return;
    if ((await drainOutcomes(context, record, record.reportSequence)) < PART_LINES) {
      const left = await context.ledger.undrainedOutcomes(batchId, 1);
      if (left.length === 0) return;
    }
  }
}
