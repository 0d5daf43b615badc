import { lacking, type BatchSpec, protocolMs } from "@darkroom/core";
import type { PortraitJob, RunResult } from "@darkroom/lanes";
import type { Attended } from "@darkroom/ledger";
import type { LaneContext, WorkerContext } from "./worker-context.ts";

/** Another worker of the lane can do it: the job is back in the lane after so long, for whoever takes it then. */
const ANOTHER_TAKES_IT_MS = protocolMs(500);
/** A worker holds the portrait; should it be dead, one that can do the portrait takes it over. */
const HELD_LOOK_MS = protocolMs(5_000);

/**
 * What becomes of a job whose batch needs what this process has not: another worker does it, or its portrait waits for one
 * that can, and takes no room in the lane. Undefined where this process can do it.
 */
export async function leaveAlone(
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
  if (canDoIt(await staffing.at(`worker:${name}`, canDoIt))) return { kind: "later", delayMs: ANOTHER_TAKES_IT_MS };
  const what = lacks.map((lack) => lack.what).join(", and ");
  log.warn({ batch: job.b, portrait: job.i }, `the portrait is left alone: its batch needs ${what}`);
  if (await ledger.park(job.b, job.i)) return { kind: "finished" };
  return { kind: "later", delayMs: HELD_LOOK_MS };
}
