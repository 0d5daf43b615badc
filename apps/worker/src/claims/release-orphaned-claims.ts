import type { WorkerContext } from "../run/worker-context.ts";

/**
 * Answers claim queries: releases this worker's orphaned claims and requeues their portraits with their receipts. A run
 * is registered from before its claim until after its end, so a token that is not registered is orphaned.
 *
 * @returns the portraits requeued
 */
export async function releaseOrphanedClaims({
  heartbeats,
  ledger,
  log,
  running,
}: Pick<WorkerContext, "heartbeats" | "ledger" | "log" | "running">): Promise<number> {
  const doubts = await ledger.claimQueries.take(heartbeats.workerId);
  const leftovers = Map.groupBy(
    doubts.filter(({ token }) => !running.has(token)),
    ({ batchId }) => batchId,
  );
  let given = 0;
  for (const [batchId, claims] of leftovers) {
    const record = await ledger.read(batchId);
    if (record === undefined) continue;
    const lost = new Map(claims.map(({ index, token }) => [index, token]));
    const requeued = await ledger.backlog.requeueLost(batchId, lost, record.stopCode);
    if (requeued > 0) log.warn({ batch: batchId, requeued }, "released orphaned claims");
    given += requeued;
  }
  return given;
}
