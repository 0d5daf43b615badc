import type { EnhanceAnswer } from "@darkroom/provider-kit";
import type { PortraitRun } from "../run/portrait-run.ts";
import type { BlockedEnding } from "../run/run-ending.ts";
import type { LaneContext } from "../run/worker-context.ts";
import { outageWindowMs } from "./outage-window.ts";
import type { Pass } from "./pass.ts";
import { mayHaveAcceptedKey, signOfCall, type SignOfHealth } from "./sign-of-health.ts";

/** A call that has left the gate. */
interface EndedCall extends Pass {
  readonly tookMs: number;
  /** True when this answer ends an outage. */
  readonly isOver: boolean;
}

/** A completed request to the provider, paid or not. */
export interface EndedRequest {
  /** When the request passed the gate or started (epoch ms, Redis' clock). */
  readonly enteredAt: number;
  readonly tookMs: number;
  readonly sign: SignOfHealth;
}

/**
 * Updates the lane's health from an answer: whether its key works, limits after a throttle, an outage after consecutive
 * failures, an unblock after a successful probe.
 *
 * @returns true when the call failed in an outage: the caller must block the lane and count no attempt
 */
export async function learnFromAnswer(run: PortraitRun, call: EndedCall, answer: EnhanceAnswer): Promise<boolean> {
  const { context, lane, claim } = run;
  if (mayHaveAcceptedKey(answer)) await lane.lane.accountKeys.noteAccepted();
  const sign = signOfCall(answer);
  if (sign === "works") {
    if (call.probing || call.isOver) await unblockLane(run, call.probing);
    return false;
  }
  if (answer.kind === "throttled") {
    const { retryAfterMs: waitMs, cause = "rate", message } = answer;
    context.metrics.laneThrottled.inc({ lane: lane.lane.name, cause });
    const lesson = await lane.gate.throttled(claim.token, { cause, waitMs, message, enteredAt: call.enteredAt });
    if (lesson.narrowed) {
      context.metrics.laneNarrowed.inc({ lane: lane.lane.name });
      context.log.info({ lane: lane.lane.name, cause }, `lowered the lane's limits: ${message}`);
    }
  }
  const isOutage = await failedInOutage(run, { ...call, sign });
  // A refused probe or an outage blocks the lane, which defers the next probe. If we aborted the probe, the next
  // portrait probes.
  if (call.probing && !isOutage && answer.kind !== "blocked" && answer.kind !== "aborted") {
    await deferProbe(run);
  }
  return isOutage;
}

/** True when no connection could be made and outage detection is on. */
export function isUnreached(
  { outage }: Pick<LaneContext, "outage">,
  { unreached }: { readonly unreached?: true },
): boolean {
  return unreached === true && outage.failures > 0;
}

/** The probe was inconclusive, so another probe follows. */
export async function deferProbe({ context, lane: { lane }, claim }: PortraitRun): Promise<void> {
  await lane.deferProbe(claim.token);
  context.metrics.laneProbes.inc({ lane: lane.name, found: "nothing" });
}

/**
 * The only place that counts failures towards an outage.
 *
 * @returns true in an outage: the caller must block the lane and count no attempt
 */
export async function failedInOutage({ lane, claim, timing }: PortraitRun, request: EndedRequest): Promise<boolean> {
  const { gate, outage, concurrency } = lane;
  const { sign, enteredAt, tookMs } = request;
  if (outage.failures === 0 || (sign !== "fails" && sign !== "unreached")) return false;
  const failed = await gate.failed(
    claim.token,
    enteredAt,
    outageWindowMs({ outage, concurrency, tookMs, sign, timing }),
  );
  return failed === "outage" || failed >= outage.failures;
}

async function unblockLane({ context, lane: { lane, concurrency }, claim }: PortraitRun, probing: boolean) {
  if (probing) context.metrics.laneProbes.inc({ lane: lane.name, found: "answer" });
  if (!(await lane.unblock(concurrency, claim.token))) return;
  context.log.info({ lane: lane.name }, "lane unblocked");
  await context.bus.tell({ type: "lane-unblocked", lane: lane.name });
}

/** Blocks the lane, and publishes an event if the block is new. */
export async function blockLane(
  { context, lane: { lane }, claim }: PortraitRun,
  { reason, message, enteredAt, probing }: BlockedEnding,
): Promise<void> {
  if (probing === true) context.metrics.laneProbes.inc({ lane: lane.name, found: "refusal" });
  const said = reason === "outage" ? `the provider currently fails every call, most recently: ${message}` : message;
  const call = enteredAt === undefined ? undefined : { leaseId: claim.token, enteredAt };
  if (!(await lane.block(reason, said, call))) return;
  context.log.warn({ lane: lane.name, reason }, `lane blocked: ${said}`);
  await context.bus.tell({ type: "lane-blocked", lane: lane.name, reason, message: said });
}
