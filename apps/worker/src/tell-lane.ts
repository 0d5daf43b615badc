import type { EnhanceAnswer } from "@darkroom/provider-kit";
import type { LaneContext, WorkerContext } from "./context.ts";
import type { Ending } from "./ending.ts";
import type { Pass } from "./pass-gate.ts";

/** A call that has left the gate. */
interface EndedCall extends Pass {
  readonly tookMs: number;
  /** Its answer ends an outage. */
  readonly isOver: boolean;
}

/** Whether an answer shows that the provider works, be it by a refusal of this portrait. */
export function providerWorks(kind: EnhanceAnswer["kind"]): boolean {
  switch (kind) {
    case "output":
    case "pictures":
    case "refused":
    case "link_unreached":
    case "busy":
    case "session_lost":
    case "clarification":
      return true;
    case "failed":
    case "blocked":
    case "throttled":
    case "aborted":
      return false;
  }
  return kind satisfies never;
}

/**
 * What the lane learns from an answer: its limits from a refusal, an outage from failures in a row, and that it may go
 * on from a probe.
 *
 * @returns true when the call failed as all do in an outage: the lane is to be blocked, and no attempt is burnt
 */
export async function tellLane(
  context: WorkerContext,
  lane: LaneContext,
  leaseId: string,
  call: EndedCall,
  answer: EnhanceAnswer,
): Promise<boolean> {
  if (providerWorks(answer.kind)) {
    if (call.probing || call.isOver) await unblockLane(context, lane, leaseId, call.probing);
    return false;
  }
  if (answer.kind === "throttled") {
    const { retryAfterMs: waitMs, cause = "rate", message } = answer;
    context.metrics.laneThrottled.inc({ lane: lane.lane.name, cause });
    const lesson = await lane.gate.throttled(leaseId, { cause, waitMs, message, enteredAt: call.enteredAt });
    if (lesson.narrowed) {
      context.metrics.laneNarrowed.inc({ lane: lane.lane.name });
      context.log.info({ lane: lane.lane.name, cause }, `the lane's limits were narrowed: ${message}`);
    }
  }
  const isOutage =
    answer.kind === "failed" && answer.code !== "no_output" && (await failedInOutage(lane, leaseId, call));
  // A refusal of the probe, and a failure in an outage, push the next probe back as they block the lane; where we ended
  // the call ourselves, the next one to come is the probe.
  if (call.probing && !isOutage && answer.kind !== "blocked" && answer.kind !== "aborted") {
    await lane.lane.deferProbe(leaseId);
    context.metrics.laneProbes.inc({ lane: lane.lane.name, found: "nothing" });
  }
  return isOutage;
}

async function failedInOutage({ gate, outage, concurrency }: LaneContext, leaseId: string, call: EndedCall) {
  if (outage.failures === 0) return false;
  // Few slow calls at once need longer than the window to fail so often.
  const turns = Math.ceil(outage.failures / concurrency);
  const failed = await gate.failed(leaseId, call.enteredAt, Math.max(outage.windowMs, 2 * turns * call.tookMs));
  return failed === "outage" || failed >= outage.failures;
}

async function unblockLane(
  context: WorkerContext,
  { lane, concurrency }: LaneContext,
  leaseId: string,
  probing: boolean,
) {
  if (probing) context.metrics.laneProbes.inc({ lane: lane.name, found: "answer" });
  if (!(await lane.unblock(concurrency, leaseId))) return;
  context.log.info({ lane: lane.name }, "the lane goes on");
  await context.bus.tell({ type: "lane-unblocked", lane: lane.name });
}

/** Blocks the lane for what a call was told, and tells everybody when that is new. */
export async function blockLane(
  context: WorkerContext,
  { lane }: LaneContext,
  leaseId: string,
  { reason, message, enteredAt, probing }: Extract<Ending, { kind: "blocked" }>,
): Promise<void> {
  if (probing === true) context.metrics.laneProbes.inc({ lane: lane.name, found: "refusal" });
  const said = reason === "outage" ? `the provider fails every call at present, the last so: ${message}` : message;
  const call = enteredAt === undefined ? undefined : { leaseId, enteredAt };
  if (!(await lane.block(reason, said, call))) return;
  context.log.warn({ lane: lane.name, reason }, `lane blocked: ${said}`);
  await context.bus.tell({ type: "lane-blocked", lane: lane.name, reason, message: said });
}
