import type { WorkerContext } from "../run/worker-context.ts";

/**
 * Gives up claims of this worker that nothing here works on any more, where somebody doubts them: their portraits go back
 * into the row, with their receipts. A run is among the living ones from before its claim until after its end, and no two
 * have the same token, so that a claim of none of them is a leftover.
 *
 * @returns how many portraits went back
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
    const requeued = await ledger.requeueLost(batchId, lost, record.stopCode);
    if (requeued > 0) log.warn({ batch: batchId, requeued }, "claims of runs that have ended were given up");
    given += requeued;
  }
  return given;
}
