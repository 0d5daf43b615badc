import { isOpen, isSuspect, longestStoreWaitMs, mostUnstored, type BatchSpec, type OutcomeCode } from "@darkroom/core";
import { HELD_LOOK_MS, newClaimToken, workerOfToken, type ClaimAnswer } from "@darkroom/ledger";
import type { PortraitJob, RunResult } from "@darkroom/lanes";
import { serverNow } from "@darkroom/redis-kit";
import type { Claimed, LaneContext, WorkerContext } from "./worker-context.ts";
import { conclude } from "./conclude.ts";
import { destinationWaitMs } from "../destinations/destination-wait.ts";
import { leaveAlone } from "./leave-alone.ts";
import { timingFor } from "../enhance/timing-for.ts";
import { workAlone } from "../isolated/work-alone.ts";
import { stoppedEnding, workOn } from "./work-on.ts";

/**
 * One run of one portrait: claim ▸ prepare ▸ enhance ▸ store ▸ settle. Each step can be repeated safely, so a job that
 * comes again (its worker died, its lock was lost, Redis was frozen) goes on from the receipt.
 */
export async function runPortrait(
  context: WorkerContext,
  lane: LaneContext,
  job: PortraitJob,
  controller: AbortController,
): Promise<RunResult> {
  const spec = await context.batches.spec(job.b);
  if (spec === undefined) return { kind: "finished" };
  const left = await leaveAlone(context, lane, spec, job);
  if (left !== undefined) return left;
  const token = newClaimToken(context.presence.workerId);
  context.live.begin(token, job.b, controller);
  try {
    const claim = await claimPortrait(context, lane, spec, job.i, token);
    if ("result" in claim) return claim.result;
    const { recoveries, diverted, receipt: before } = claim;
    const settlingMs = await settlingOf(context, spec);
    if (settlingMs > 0) {
      const wait = { reason: "failover", delayMs: settlingMs } as const;
      await context.ledger.leave(spec.id, job.i, token, { state: "queued", wait, lane: lane.lane.name });
      return { kind: "later", delayMs: settlingMs };
    }
    // A portrait that the provider has seen is finished in the round, and with the recipe, in which that was.
    const round = before.firstIntentAt === undefined ? claim.round : (before.round ?? 0);
    const recipe = await context.batches.recipe(spec.id, round, claim.batchRound);
    if (recipe === undefined) return { kind: "finished" };
    const claimed: Claimed = {
      spec,
      round,
      recipe,
      recoveries,
      diverted,
      asksOnly: claim.asksOnly,
      waitedAtGate: claim.waitedAtGate,
      early: { pass: undefined },
      index: job.i,
      token,
      fence: claim.fence,
      who: {},
      inputs: [],
      controller,
      signal: controller.signal,
    };
    const storeWaitMs = longestStoreWaitMs({ stuck: claim.stuck, concurrency: lane.concurrency });
    const timing = timingFor(context.timing, recipe.retry, storeWaitMs);
    const patient = timing === context.timing ? context : { ...context, timing };
    const receipt = { current: before };
    // A process that has the portrait alone says itself what it has under way.
    const isAlone = isSuspect(claim.deaths) && !claim.cancelled;
    if (!isAlone) context.live.hold(token, { claimed, receipt });
    const ending = claim.cancelled
      ? stoppedEnding(before, await stopCodeOf(context, spec.id))
      : isAlone
        ? await workAlone(patient, lane, claimed, receipt)
        : await workOn(patient, lane, claimed, receipt);
    return await conclude(context, lane, claimed, ending, receipt.current);
  } finally {
    context.live.end(token);
    context.owners.forget(token);
  }
}

/**
 * What Redis gives after it may have forgotten its last writes may be with a provider, in the hands of a worker that
 * lives. It is asked once the claim is there: that came over the connection that is asked about.
 */
async function settlingOf({ continuity }: WorkerContext, { createdAt }: BatchSpec): Promise<number> {
  return (await continuity.mayHaveForgotten(createdAt)) ? await continuity.settlingMs() : 0;
}

async function stopCodeOf({ ledger }: WorkerContext, batchId: string): Promise<OutcomeCode> {
  return (await ledger.read(batchId))?.stopCode ?? "cancelled";
}

type ClaimStep = Extract<ClaimAnswer, { kind: "claimed" }> | { readonly result: RunResult };

async function claimPortrait(
  context: WorkerContext,
  { lane: { name: served }, concurrency }: LaneContext,
  spec: BatchSpec,
  index: number,
  token: string,
): Promise<ClaimStep> {
  const lane = { served, own: spec.lane };
  const window = spec.control?.window;
  const blocked = context.destinations.blockOf(spec);
  const isClosed = window !== undefined && !isOpen(window, serverNow());
  const lookInMs = blocked === undefined ? 0 : destinationWaitMs(context, blocked);
  const resting = blocked !== undefined ? { lookInMs } : isClosed ? ("hours" as const) : undefined;
  const asked = { resting, lane, mostStuck: mostUnstored(concurrency) };
  let answer = await context.ledger.claim(spec.id, index, token, asked);
  if (answer.kind === "held") {
    const holder = workerOfToken(answer.token);
    const ownLeftover = holder === context.presence.workerId && !context.live.has(answer.token);
    if (ownLeftover || context.presence.isDead(holder)) {
      answer = await context.ledger.claim(spec.id, index, token, { ...asked, takeOver: answer.token });
    } else if (holder !== context.presence.workerId) {
      // Of its own leftovers it would hear only once this job happens to come to it.
      await context.ledger.doubts.raise(spec.id, new Map([[index, answer.token]]));
    }
  }
  switch (answer.kind) {
    case "claimed":
      return answer;
    case "held":
      return { result: { kind: "later", delayMs: HELD_LOOK_MS } };
    case "elsewhere":
      // Should this process die here, this job comes again and says the same.
      await context.openLane(answer.lane).add(spec.id, answer.epoch, [index], true);
      return { result: { kind: "finished" } };
    case "waits":
      return { result: { kind: "later", delayMs: lookInMs } };
    case "done":
    case "parked":
    case "gone":
      return { result: { kind: "finished" } };
  }
  return answer satisfies never;
}
