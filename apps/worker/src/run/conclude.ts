import {
  keptAtEnd,
  keptKeysOf,
  lostResultOf,
  protocolMs,
  sessionId,
  stoppedOutcome,
  withExchanges,
  withNotes,
  withoutOpenCalls,
  type Outcome,
  type Receipt,
} from "@darkroom/core";
import { sessionsOf, type LeftPortrait } from "@darkroom/ledger";
import type { RunResult } from "@darkroom/lanes";
import { destinationWaitMs } from "../destinations/destination-wait.ts";
import { blockLane } from "../lanes/lane-health.ts";
import { retryUnstored } from "../store/retry-unstored.ts";
import { logEnd, logPutOff } from "./log-portrait.ts";
import type { PortraitRun } from "./portrait-run.ts";
import type { RunEnding } from "./run-ending.ts";
import { runsLow } from "./worker-events.ts";

/** Delay of a portrait that reached the gate of a blocked lane. The queue itself is paused in the meantime. */
const BLOCKED_RETRY_MS = protocolMs(3_000);
/** Delay of a portrait whose batch cannot store results. Its next claim requeues it. */
const REQUEUE_MS = protocolMs(500);
/** Delay of a portrait that the budget does not cover and that could not be requeued. */
const UNFUNDED_RETRY_MS = protocolMs(500);
/** Timeout for the deletion of a session. */
const FORGET_MS = 10_000;

/**
 * Reports the run's end to the ledger and decides what the queue does with the job. Keeps the job even if the ledger
 * refused to release the portrait, because the write may have succeeded and only its reply was lost. A worker that took
 * over the claim also holds the job's lock.
 */
export async function conclude(run: PortraitRun, ending: RunEnding): Promise<RunResult> {
  const { context, claim } = run;
  const { spec, index } = claim;
  switch (ending.kind) {
    case "settle":
      // Only the claim holder deletes sessions, because another worker may still recall from them.
      if (await settle(run, ending)) {
        if (ending.outcome.code === "ok") await retryUnstored(run);
        const needless = [...run.inputs, ...keptInVain(ending.outcome, run.receipt)];
        const found = ending.outcome.code === "already_delivered";
        await Promise.all([forgetSessions(run, found), removeFiles(run, needless)]);
      }
      return { kind: "finished" };
    case "later": {
      if (ending.refused === true) await forgetRefused(run);
      const { reason, delayMs, message, keepsPlace = false } = ending;
      await putOff(run, keepsPlace ? "queued" : "retrying", { reason, delayMs, message });
      return { kind: "later", delayMs };
    }
    case "blocked":
      await blockLane(run, ending);
      // In an outage, a call may have reached the session and be recalled later.
      if (ending.reason !== "outage") await forgetRefused(run);
      // Another portrait probes next, because this portrait may be at fault.
      return await waitForLane(run, ending.message);
    case "lane-blocked":
      return await waitForLane(run);
    case "destination-blocked":
      return await waitForDestination(run, ending);
    case "hand-back":
      await putOff(run, "queued", { reason: ending.reason, delayMs: 0 });
      return { kind: "handed-back" };
    case "unfunded":
      return await leaveUnfunded(run, ending);
    case "recalled":
      return afterLeaving(await context.ledger.money.leaveRecalled(spec.id, index, claim.token));
    case "elsewhere": {
      const message = `the provider of lane ${ending.lane} was called for it, so it stays there until it ends`;
      await putOff(run, "retrying", { reason: "other_lane", delayMs: 0, message });
      const epoch = (await context.ledger.read(spec.id))?.epoch ?? 0;
      await context.openLane(ending.lane).add(spec.id, epoch, [index], true);
      return { kind: "finished" };
    }
    case "claim-lost":
      return { kind: "finished" };
  }
  return ending satisfies never;
}

/** Releases the claim until the next attempt, and publishes the wait reason. */
async function putOff(run: PortraitRun, state: LeftPortrait["state"], wait: LeftPortrait["wait"]): Promise<void> {
  const { context, lane, claim, receipt } = run;
  const { ledger, bus, log } = context;
  const { spec, index, token } = claim;
  const { name } = lane.lane;
  const lookAtMs = await ledger.claims.leave(spec.id, index, token, { state, wait, receipt, lane: name });
  if (lookAtMs === undefined) return;
  logPutOff(log, { batch: spec.id, portrait: index, lane: name }, wait);
  const { reason, delayMs, message = "" } = wait;
  const nextLookAt = new Date(lookAtMs).toISOString();
  bus.event(spec.id, { type: "portrait-retry", index, reason, message, delayMs, nextLookAt }).catch(() => undefined);
}

/** Requeues a portrait until the budget covers its next call. In a stopped batch, ends the portrait. */
async function leaveUnfunded(
  run: PortraitRun,
  { stopped }: Extract<RunEnding, { kind: "unfunded" }>,
): Promise<RunResult> {
  const { context, claim, receipt } = run;
  const { spec, index, token } = claim;
  if (stopped) {
    const code = (await context.ledger.read(spec.id))?.stopCode ?? "cancelled";
    return await conclude(run, { kind: "settle", outcome: stoppedOutcome(receipt, code) });
  }
  // A portrait that was never called keeps no trace of its refused request.
  const wasCalled = receipt.firstIntentAt !== undefined;
  const kept = wasCalled ? receipt : withoutOpenCalls(receipt);
  const left = await context.ledger.money.leaveUnfunded(spec.id, index, token, kept);
  return afterLeaving(left);
}

/** If requeuing failed or its reply was lost, the job returns and the next claim determines the state. */
function afterLeaving(left: "pending" | "queued" | "lost"): RunResult {
  return left === "pending" ? { kind: "finished" } : { kind: "later", delayMs: UNFUNDED_RETRY_MS };
}

async function waitForLane(run: PortraitRun, message?: string): Promise<RunResult> {
  const wait = { reason: "lane_blocked", delayMs: BLOCKED_RETRY_MS } as const;
  await putOff(run, "queued", message === undefined ? wait : { ...wait, message });
  return { kind: "later", delayMs: BLOCKED_RETRY_MS };
}

/** A paid portrait keeps its job until the destination's next probe. Others are requeued. */
async function waitForDestination(
  run: PortraitRun,
  { blocked }: Extract<RunEnding, { kind: "destination-blocked" }>,
): Promise<RunResult> {
  const { context, claim, receipt } = run;
  const isOfBatch = context.destinations.blockOf(claim.spec) !== undefined;
  // If the whole batch is blocked, the next claim requeues the portrait.
  const isParked = isOfBatch && receipt.firstIntentAt === undefined;
  const delayMs = isParked ? REQUEUE_MS : destinationWaitMs(context, blocked);
  const wait = { reason: "destination_blocked", delayMs, message: blocked.message } as const;
  await putOff(run, isParked ? "queued" : "retrying", wait);
  return { kind: "later", delayMs };
}

async function settle(run: PortraitRun, { outcome }: Extract<RunEnding, { kind: "settle" }>): Promise<boolean> {
  const { context, lane, claim, receipt } = run;
  const { spec, recipe, index, token } = claim;
  const { name } = lane.lane;
  // A delivered picture may come from the batch's other lane.
  const { lane: made = name, ...rest } = withNotes(outcome, receipt);
  const kept = keptAtEnd(outcome.code, receipt);
  const told = kept.length === 0 ? rest : { ...rest, undelivered: kept };
  const done = made === spec.lane ? told : { ...told, lane: made };
  const lost = lostResultOf(outcome.code, receipt, name);
  if (lost !== undefined) await context.ledger.lostResults.keep(spec.id, index, lost);
  // The account may have accepted a call whose answer was lost. If so, batches that were accepted with this key stay
  // bound to it.
  if (outcome.billed !== "no") await lane.lane.accountKeys.noteAccepted();
  const answer = await context.ledger.claims.settle(spec.id, index, token, done);
  if (answer.kind !== "applied") {
    context.log.warn(
      { batch: spec.id, portrait: index, outcome: outcome.code },
      `settling was refused: ${answer.kind}`,
    );
    return answer.kind === "duplicate";
  }
  logEnd(context.log, { batch: spec.id, portrait: index, lane: name }, outcome);
  context.owners.release(token);
  context.metrics.portraits.inc({ outcome: outcome.code, provider: lane.provider.name, mode: recipe.mode });
  const event = { type: "portrait-end", index, outcome: outcome.code, message: outcome.message } as const;
  context.bus.event(spec.id, event).catch(() => undefined);
  if (answer.tripped) {
    context.log.warn({ batch: spec.id, outcome: outcome.code }, "the circuit breaker paused the batch");
    context.bus.tell({ type: "batch-paused", batch: spec.id }).catch(() => undefined);
  }
  if (runsLow(answer.queued, lane.concurrency)) context.nudge(lane.lane.name);
  return true;
}

/**
 * Deletes the session of a refused first call, which may hold the photo's link and the prompt (P8), because a stopped
 * or failed-over batch sends no further run to it. A failed deletion is not recorded, because the portrait's next call
 * may use the session.
 */
async function forgetRefused(run: PortraitRun): Promise<void> {
  const { context, claim, identity, receipt } = run;
  const { provider } = run.lane;
  const { spec, round, index, token } = claim;
  if (receipt.firstIntentAt !== undefined || !provider.remembers || identity === undefined) return;
  // A worker that took over the portrait may be using this session.
  if (!(await context.ledger.claims.writeReceipt(spec.id, index, token, receipt))) return;
  const session = sessionId(spec.id, identity, receipt.session.generation, round);
  if (await provider.forget(session, AbortSignal.timeout(FORGET_MS))) run.receipt = withExchanges(receipt, 0);
}

/**
 * Deletes a portrait's provider sessions when it ends (P8), including the session of a call that Redis may have lost.
 * Failed deletions are recorded for a later attempt.
 *
 * @param found true when another batch's result existed, so no call was made
 */
async function forgetSessions(run: PortraitRun, found: boolean): Promise<void> {
  const { context, claim, identity } = run;
  const { provider, lane } = run.lane;
  const { spec, index, round } = claim;
  if (!provider.remembers) return;
  const known = sessionsOf(spec.id, run.receipt);
  const mayBeOthers = known.length === 0 && !found && (await run.mayBeBehind());
  const others = mayBeOthers && identity !== undefined ? [sessionId(spec.id, identity, 0, round)] : [];
  for (const session of [...known, ...others]) {
    if (await provider.forget(session, AbortSignal.timeout(FORGET_MS))) continue;
    context.log.warn({ batch: spec.id, portrait: index }, "the provider's session could not be deleted yet");
    const dropped = await lane.leftSessions.note([session]);
    if (dropped > 0)
      context.log.warn({ lane: lane.name, dropped }, "too many provider sessions to delete: dropped the oldest");
  }
}

/** Returns the kept pictures that were later stored at their own keys. */
function keptInVain({ code, undelivered = [] }: Outcome, receipt: Receipt): readonly string[] {
  if (code !== "ok") return [];
  return keptKeysOf(receipt).filter((key) => !undelivered.some((part) => part.endsWith(`: ${key}`)));
}

/** Also deletes the converted picture. The end of the batch removes files that this deletion misses. */
async function removeFiles({ context, claim }: PortraitRun, keys: readonly string[]): Promise<void> {
  const { spec, index } = claim;
  const destination = context.openStore(spec.destination.url);
  for (const key of keys) {
    await destination.delete(key).catch((error: unknown) => {
      context.log.warn(
        { batch: spec.id, portrait: index, key, err: error },
        "a temporary picture could not be deleted yet",
      );
    });
  }
}
