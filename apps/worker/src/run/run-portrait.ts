import { isOpen, isSuspect, longestStoreWaitMs, mostUnstored, type BatchSpec, type OutcomeCode } from "@darkroom/core";
import { HELD_LOOK_MS, newClaimToken, workerOfToken, type ClaimAnswer } from "@darkroom/ledger";
import type { PortraitJob, RunResult } from "@darkroom/lanes";
import { serverNow } from "@darkroom/redis-kit";
import { destinationWaitMs } from "../destinations/destination-wait.ts";
import { timingFor } from "../enhance/timing-for.ts";
import { workAlone } from "../isolated/work-alone.ts";
import { conclude } from "./conclude.ts";
import { leaveAlone } from "./leave-alone.ts";
import { PortraitRun } from "./portrait-run.ts";
import type { RunEnding } from "./run-ending.ts";
import { stoppedEnding, workOn } from "./work-on.ts";
import type { LaneContext, WorkerContext } from "./worker-context.ts";

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
  const token = newClaimToken(context.heartbeats.workerId);
  context.running.begin(token, job.b, controller);
  try {
    const answer = await claimPortrait(context, lane, spec, { index: job.i, token });
    if ("result" in answer) return answer.result;
    const settlingMs = await settlingOf(context, spec);
    if (settlingMs > 0) {
      const wait = { reason: "failover", delayMs: settlingMs } as const;
      await context.ledger.leave(spec.id, job.i, token, { state: "queued", wait, lane: lane.lane.name });
      return { kind: "later", delayMs: settlingMs };
    }
    const { receipt } = answer;
    // A portrait that the provider has seen is finished in the round, and with the recipe, in which that was.
    const round = receipt.firstIntentAt === undefined ? answer.round : (receipt.round ?? 0);
    const recipe = await context.batches.recipe(spec.id, round, answer.batchRound);
    if (recipe === undefined) return { kind: "finished" };
    const { recoveries, diverted, asksOnly, waitedAtGate, fence } = answer;
    const claim = { spec, round, recipe, recoveries, diverted, asksOnly, waitedAtGate, index: job.i, token, fence };
    const storeWaitMs = longestStoreWaitMs({ stuck: answer.stuck, concurrency: lane.concurrency });
    const timing = timingFor(context.timing, recipe.retry, storeWaitMs);
    const run = new PortraitRun({ context, lane, claim, controller, timing, receipt });
    return await conclude(run, await work(run, answer));
  } finally {
    context.running.end(token);
    context.owners.forget(token);
  }
}

async function work(run: PortraitRun, { cancelled, deaths }: ClaimedPortrait): Promise<RunEnding> {
  const { context, claim, receipt } = run;
  // A process that has the portrait alone says itself what it has under way.
  const isAlone = isSuspect(deaths) && !cancelled;
  if (!isAlone) context.running.hold(run);
  if (cancelled) return stoppedEnding(receipt, await stopCodeOf(context, claim.spec.id));
  return isAlone ? await workAlone(run) : await workOn(run);
}

/**
 * After a failover, a live worker may still be processing a portrait that Redis just handed us. Asked once the claim is
 * there: that came over the connection that is asked about.
 */
async function settlingOf({ failover }: WorkerContext, { createdAt }: BatchSpec): Promise<number> {
  return (await failover.mayHaveForgotten(createdAt)) ? await failover.settlingMs() : 0;
}

async function stopCodeOf({ ledger }: WorkerContext, batchId: string): Promise<OutcomeCode> {
  return (await ledger.read(batchId))?.stopCode ?? "cancelled";
}

type ClaimedPortrait = Extract<ClaimAnswer, { kind: "claimed" }>;
type ClaimStep = ClaimedPortrait | { readonly result: RunResult };

async function claimPortrait(
  context: WorkerContext,
  { lane: { name: served }, concurrency }: LaneContext,
  spec: BatchSpec,
  { index, token }: { readonly index: number; readonly token: string },
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
    const ownLeftover = holder === context.heartbeats.workerId && !context.running.has(answer.token);
    if (ownLeftover || context.heartbeats.isDead(holder)) {
      answer = await context.ledger.claim(spec.id, index, token, { ...asked, takeOver: answer.token });
    } else if (holder !== context.heartbeats.workerId) {
      // Of its own leftovers it would hear only once this job happens to come to it.
      await context.ledger.claimQueries.raise(spec.id, new Map([[index, answer.token]]));
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
