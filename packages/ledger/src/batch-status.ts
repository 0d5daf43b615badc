import { isEnded, settledCount, type BatchStatus, type Blocked } from "@darkroom/core";
import type { BatchRecord } from "./batch-record.ts";

/** The rate looks back no further than this. */
const RATE_WINDOW_MS = 120_000;
/** And says nothing before so many portraits were settled within it. */
const RATE_MINIMUM = 3;

/** What a status page says of a batch. @param report where its report is, once it exists */
export function batchStatus(
  record: BatchRecord,
  blocked: Blocked | undefined,
  report: string | undefined,
  nowMs: number,
): BatchStatus {
  const ended = isEnded(record.state);
  const ratePerSecond = ended ? null : currentRate(record, nowMs);
  const left = record.counts.total - settledCount(record.counts);
  return {
    id: record.spec.id,
    name: record.spec.name ?? null,
    state: record.state,
    lane: record.spec.lane,
    destination: record.spec.destination.url,
    createdAt: record.spec.createdAt,
    endedAt: record.endedAt === undefined ? null : new Date(record.endedAt).toISOString(),
    ingested: record.ingested,
    counts: record.counts,
    failures: record.failures,
    costUsd: record.costUsd,
    maybeBilled: record.maybeBilled,
    ratePerSecond,
    secondsLeft:
      ratePerSecond === null || ratePerSecond === 0 || !record.ingested ? null : Math.ceil(left / ratePerSecond),
    blocked:
      blocked === undefined || ended
        ? null
        : { reason: blocked.reason, since: blocked.since, message: blocked.message },
    reason: record.reason ?? record.sourceFault ?? null,
    report: report ?? null,
  };
}

function currentRate(record: BatchRecord, nowMs: number): number | null {
  const recent = record.samples.filter(({ atMs }) => nowMs - atMs <= RATE_WINDOW_MS);
  const oldest = recent.at(-1);
  if (oldest === undefined) return null;
  const settled = settledCount(record.counts) - oldest.settled;
  const seconds = (nowMs - oldest.atMs) / 1_000;
  if (settled < RATE_MINIMUM || seconds < 1) return null;
  return Math.round((settled / seconds) * 100) / 100;
}
