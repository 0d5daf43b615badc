import {
  keptAtEnd,
  keptKeysOf,
  lostResultOf,
  protocolMs,
  sessionId,
  stoppedOutcome,
  withExchanges,
  withNotes,
  type Outcome,
  type Receipt,
} from "@darkroom/core";
import { sessionsOf, type LeftPortrait } from "@darkroom/ledger";
import type { RunResult } from "@darkroom/lanes";
import { destinationWaitMs } from "../destinations/destination-wait.ts";
import { blockLane } from "../lanes/lane-health.ts";
import { wakeUnstored } from "../store/wake-unstored.ts";
import { logEnd, logPutOff } from "./log-portrait.ts";
import type { PortraitRun } from "./portrait-run.ts";
import type { RunEnding } from "./run-ending.ts";
import { runsLow } from "./worker-events.ts";

/** A portrait that met a blocked lane's gate asks again after this; the queue itself rests meanwhile. */
const RESTING_LOOK_MS = protocolMs(3_000);
/** A portrait whose batch can store nothing comes again after this, to be parked. */
const PARKED_SOON_MS = protocolMs(500);
/** A portrait that the budget did not pay for, and that could not be given back, is looked at again after this. */
const UNFUNDED_LOOK_MS = protocolMs(500);
/** Clearing a session never takes longer. */
const FORGET_MS = 10_000;

/**
 * Maps the end of a run to the ledger, and tells the queue what becomes of the job. A job is kept even where leaving was
 * refused: it may have been carried out and only its answer lost with the connection, and the portrait waits for this
 * job. Where the claim really is another's, so is the job's lock, or the job is told so when it comes again.
 */
export async function conclude(run: PortraitRun, ending: RunEnding): Promise<RunResult> {
  const { context, claim } = run;
  const { spec, index } = claim;
  switch (ending.kind) {
    case "settle":
      // Only the holder of the claim clears the sessions: another worker may still have to look into them.
      if (await settle(run, ending)) {
        if (ending.outcome.code === "ok") await wakeUnstored(run);
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
      // In an outage whatever arrived is looked for in the session later.
      if (ending.reason !== "outage") await forgetRefused(run);
      // Another portrait is the next probe: the fault may be in this one.
      return await waitForLane(run, ending.message);
    case "lane-rests":
      return await waitForLane(run);
    case "destination-rests":
      return await waitForDestination(run, ending);
    case "hand-back":
      await putOff(run, "queued", { reason: ending.reason, delayMs: 0 });
      return { kind: "handed-back" };
    case "unfunded":
      return await leaveUnfunded(run, ending);
    case "elsewhere": {
      await putOff(run, "retrying", { reason: "other_lane", delayMs: 0 });
      const epoch = (await context.ledger.read(spec.id))?.epoch ?? 0;
      await context.openLane(ending.lane).add(spec.id, epoch, [index], true);
      return { kind: "finished" };
    }
    case "claim-lost":
      return { kind: "finished" };
  }
  return ending satisfies never;
}

/** Gives the portrait up until its next look, and tells whoever watches what it waits for. */
async function putOff(run: PortraitRun, state: LeftPortrait["state"], wait: LeftPortrait["wait"]): Promise<void> {
  const { context, lane, claim, receipt } = run;
  const { ledger, bus, log } = context;
  const { spec, index, token } = claim;
  const { name } = lane.lane;
  const lookAtMs = await ledger.leave(spec.id, index, token, { state, wait, receipt, lane: name });
  if (lookAtMs === undefined) return;
  logPutOff(log, { batch: spec.id, portrait: index, lane: name }, wait);
  const { reason, delayMs, message = "" } = wait;
  const nextLookAt = new Date(lookAtMs).toISOString();
  bus.event(spec.id, { type: "portrait-retry", index, reason, message, delayMs, nextLookAt }).catch(() => undefined);
}

/** Nothing of it is called again before money is released; in a stopped batch, not at all. */
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
  const left = await context.ledger.leaveUnfunded(spec.id, index, token, receipt);
  // Its job comes again where that was not carried out, or only its answer was lost: the claim then says what it is.
  return left === "pending" ? { kind: "finished" } : { kind: "later", delayMs: UNFUNDED_LOOK_MS };
}

async function waitForLane(run: PortraitRun, message?: string): Promise<RunResult> {
  const wait = { reason: "lane_blocked", delayMs: RESTING_LOOK_MS } as const;
  await putOff(run, "queued", message === undefined ? wait : { ...wait, message });
  return { kind: "later", delayMs: RESTING_LOOK_MS };
}

/** What is paid keeps its job until the next look at the destination; what is not goes back into the row. */
async function waitForDestination(
  run: PortraitRun,
  { blocked }: Extract<RunEnding, { kind: "destination-rests" }>,
): Promise<RunResult> {
  const { context, claim, receipt } = run;
  const isOfBatch = context.destinations.blockOf(claim.spec) !== undefined;
  // Where all of the batch rests, the claim parks what its job brings again.
  const isParked = isOfBatch && receipt.firstIntentAt === undefined;
  const delayMs = isParked ? PARKED_SOON_MS : destinationWaitMs(context, blocked);
  const wait = { reason: "destination_blocked", delayMs, message: blocked.message } as const;
  await putOff(run, isParked ? "queued" : "retrying", wait);
  return { kind: "later", delayMs };
}

async function settle(run: PortraitRun, { outcome }: Extract<RunEnding, { kind: "settle" }>): Promise<boolean> {
  const { context, lane, claim, receipt } = run;
  const { spec, recipe, index, token } = claim;
  const { name } = lane.lane;
  // What was found delivered may have been made by the batch's other lane.
  const { lane: made = name, ...rest } = withNotes(outcome, receipt);
  const kept = keptAtEnd(outcome.code, receipt);
  const told = kept.length === 0 ? rest : { ...rest, undelivered: kept };
  const done = made === spec.lane ? told : { ...told, lane: made };
  const lost = lostResultOf(outcome.code, receipt, name);
  if (lost !== undefined) await context.ledger.lostResults.keep(spec.id, index, lost);
  const answer = await context.ledger.settle(spec.id, index, token, done);
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
    context.log.warn({ batch: spec.id, outcome: outcome.code }, "the failure breaker has paused a batch");
    context.bus.tell({ type: "batch-paused", batch: spec.id }).catch(() => undefined);
  }
  if (runsLow(answer.queued, lane.concurrency)) context.nudge(lane.lane.name);
  return true;
}

/**
 * A provider that refused the first call may keep the photo's link and the prompt in the session. Should the batch be
 * stopped or a fallback take the portrait, no run comes back to clear it (P8). What cannot be cleared now is not noted to
 * be cleared later: the portrait's next call is made in that session, and may then need what it remembers. The receipt
 * knows of no exchange of a session that is cleared.
 */
async function forgetRefused(run: PortraitRun): Promise<void> {
  const { context, claim, identity, receipt } = run;
  const { provider } = run.lane;
  const { spec, round, index, token } = claim;
  if (receipt.firstIntentAt !== undefined || !provider.remembers || identity === undefined) return;
  // A worker that has taken the portrait over may be calling in this session.
  if (!(await context.ledger.writeReceipt(spec.id, index, token, receipt))) return;
  const session = sessionId(spec.id, identity, receipt.generation, round);
  if (await provider.forget(session, AbortSignal.timeout(FORGET_MS))) run.receipt = withExchanges(receipt, 0);
}

/**
 * What a provider keeps of a person goes when the portrait has ended (P8); what cannot go now is noted, and goes later.
 * Where Redis may have forgotten a call, so does what that would have left.
 *
 * @param found another batch's result was there already: there was nothing to make a call for
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
    context.log.warn({ batch: spec.id, portrait: index }, "the provider's session could not be cleared yet");
    const dropped = await lane.leftSessions.note([session]);
    if (dropped > 0)
      context.log.warn({ lane: lane.name, dropped }, "too many sessions are left to clear: the oldest are not");
  }
}

/** What was kept and is where it belongs by now. */
function keptInVain({ code, undelivered = [] }: Outcome, receipt: Receipt): readonly string[] {
  if (code !== "ok") return [];
  return keptKeysOf(receipt).filter((key) => !undelivered.some((part) => part.endsWith(`: ${key}`)));
}

/** The picture that was made for the provider goes too; what is missed here goes at the batch's end. */
async function removeFiles({ context, claim }: PortraitRun, keys: readonly string[]): Promise<void> {
  const { spec, index } = claim;
  const destination = context.openStore(spec.destination.url);
  for (const key of keys) {
    await destination.delete(key).catch((error: unknown) => {
      context.log.warn(
        { batch: spec.id, portrait: index, key, err: error },
        "a picture of passing use could not be removed yet",
      );
    });
  }
}
