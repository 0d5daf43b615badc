import { lacking, type BatchSpec, protocolMs } from "@darkroom/core";
import type { PortraitJob, RunResult } from "@darkroom/lanes";
import type { Attended } from "@darkroom/ledger";
import type { LaneContext, WorkerContext } from "./worker-context.ts";

/** Delay before the job returns to the lane, where another worker supports the batch. */
const HAND_OVER_MS = protocolMs(500);
/** Another worker holds the claim. If that worker is dead, a worker that supports the batch takes over. */
const CLAIM_HELD_RETRY_MS = protocolMs(5_000);

/**
 * Handles a job whose batch has a requirement that this process lacks: another worker takes the job, or the portrait is
 * requeued and frees its place in the lane. Returns undefined when this process supports the batch.
 */
export async function skipUnsupportedBatch(
  { staffing, ledger, log, means }: Pick<WorkerContext, "staffing" | "ledger" | "log" | "means">,
  { lane: { name } }: Pick<LaneContext, "lane">,
  spec: BatchSpec,
  job: PortraitJob,
): Promise<RunResult | undefined> {
  if (means.lacking(spec, name).length === 0) return undefined;
  await means.prove(spec);
  const lacks = means.lacking(spec, name);
  if (lacks.length === 0) return undefined;
  const canDoIt = (found: Attended): boolean => found.means.some((each) => lacking(spec, each, name).length === 0);
  if (canDoIt(await staffing.at(`worker:${name}`, canDoIt))) return { kind: "later", delayMs: HAND_OVER_MS };
  const what = lacks.map((lack) => lack.what).join(", and ");
  log.warn({ batch: job.b, portrait: job.i }, `skipping the portrait: its batch needs ${what}`);
  if (await ledger.backlog.park(job.b, job.i)) return { kind: "finished" };
  return { kind: "later", delayMs: CLAIM_HELD_RETRY_MS };
}
