import { isOpen, isSuspect, longestStoreWaitMs, mostUnstored, type BatchSpec, type OutcomeCode } from "@darkroom/core";
import { HELD_LOOK_MS, newClaimToken, workerOfToken, type ClaimAnswer } from "@darkroom/ledger";
import type { PortraitJob, RunResult } from "@darkroom/lanes";
import { serverNow } from "@darkroom/redis-kit";
import { destinationWaitMs } from "../destinations/destination-wait.ts";
import { recipeTiming } from "./recipe-timing.ts";
import { runIsolated } from "../isolated/run-isolated.ts";
import { conclude } from "./conclude.ts";
import { skipUnsupportedBatch } from "./skip-unsupported-batch.ts";
import { PortraitRun } from "./portrait-run.ts";
import type { RunEnding } from "./run-ending.ts";
import { stoppedEnding, runSteps } from "./run-steps.ts";
import type { LaneContext, WorkerContext } from "./worker-context.ts";

/**
 * Runs one portrait: claim ▸ prepare ▸ enhance ▸ store ▸ settle. Each step is idempotent, so a redelivered job (dead
 * worker, lost lock, stalled Redis) continues from the receipt.
 */
export async function runPortrait(
  context: WorkerContext,
  lane: LaneContext,
  job: PortraitJob,
  controller: AbortController,
): Promise<RunResult> {
  const spec = await context.batches.spec(job.b);
  if (spec === undefined) return { kind: "finished" };
  const left = await skipUnsupportedBatch(context, lane, spec, job);
  if (left !== undefined) return left;
  const token = newClaimToken(context.heartbeats.workerId);
  context.running.begin(token, job.b, controller);
  try {
    const answer = await claimPortrait(context, lane, spec, { index: job.i, token });
    if ("result" in answer) return answer.result;
    const settlingMs = await settlingOf(context, spec);
    if (settlingMs > 0) {
      const wait = { reason: "failover", delayMs: settlingMs } as const;
      await context.ledger.claims.leave(spec.id, job.i, token, { state: "queued", wait, lane: lane.lane.name });
      return { kind: "later", delayMs: settlingMs };
    }
    const { receipt } = answer;
    // A portrait that was called finishes in the round of that call, with the recipe of that round.
    const round = receipt.firstIntentAt === undefined ? answer.round : (receipt.round ?? 0);
    const recipe = await context.batches.recipe(spec.id, round, answer.batchRound);
    if (recipe === undefined) return { kind: "finished" };
    const { recoveries, recoveredAt, diverted, asksOnly, waitedAtGate, fence } = answer;
    const about = { spec, round, recipe, index: job.i, token, fence };
    const claim = { ...about, recoveries, recoveredAt, diverted, asksOnly, waitedAtGate };
    const storeWaitMs = longestStoreWaitMs({ stuck: answer.stuck, concurrency: lane.concurrency });
    const timing = recipeTiming(context.timing, recipe.retry, storeWaitMs);
    const run = new PortraitRun({ context, lane, claim, controller, timing, receipt });
    return await conclude(run, await work(run, answer));
  } finally {
    context.running.end(token);
    context.owners.forget(token);
  }
}

async function work(run: PortraitRun, { cancelled, deaths }: ClaimedPortrait): Promise<RunEnding> {
  const { context, claim, receipt } = run;
  // An isolated process reasserts its own claim, so this process does not attach the run.
  const isAlone = isSuspect(deaths) && !cancelled;
  if (!isAlone) context.running.hold(run);
  if (cancelled) return stoppedEnding(receipt, await stopCodeOf(context, claim.spec.id));
  return isAlone ? await runIsolated(run) : await runSteps(run);
}

/**
 * After a failover, a live worker may still be processing a portrait that Redis just handed us. This check must follow
 * the claim, in order to cover the connection that the claim used.
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
  let answer = await context.ledger.claims.claim(spec.id, index, token, asked);
  if (answer.kind === "held") {
    const holder = workerOfToken(answer.token);
    const ownLeftover = holder === context.heartbeats.workerId && !context.running.has(answer.token);
    if (ownLeftover || context.heartbeats.isDead(holder)) {
      answer = await context.ledger.claims.claim(spec.id, index, token, { ...asked, takeOver: answer.token });
    } else if (holder !== context.heartbeats.workerId) {
      // Without this query, the holder would notice its orphaned claim only if the lane redelivered this job to it.
      await context.ledger.claimQueries.raise(spec.id, new Map([[index, answer.token]]));
    }
  }
  switch (answer.kind) {
    case "claimed":
      return answer;
    case "held":
      return { result: { kind: "later", delayMs: HELD_LOOK_MS } };
    case "elsewhere":
      // If this process dies here, the redelivered job repeats this step.
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
