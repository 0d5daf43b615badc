import {
  type Outcome,
  type Receipt,
  keptAtEnd,
  keptKeysOf,
  lostResultOf,
  protocolMs,
  sessionId,
  withNotes,
} from "@darkroom/core";
import { sessionsOf, type LeftPortrait } from "@darkroom/ledger";
import type { RunResult } from "@darkroom/lanes";
import type { Claimed, LaneContext, WorkerContext } from "./worker-context.ts";
import type { Ending } from "./run-ending.ts";
import { logEnd, logPutOff } from "./log-portrait.ts";
import { withExchanges } from "../enhance/receipt-box.ts";
import { destinationWaitMs } from "../destinations/destination-wait.ts";
import { runsLow } from "./worker-events.ts";
import { blockLane } from "../lanes/lane-health.ts";
import { wakeUnstored } from "../store/wake-unstored.ts";

/** A portrait that met a blocked lane's gate asks again after this; the queue itself rests meanwhile. */
const RESTING_LOOK_MS = protocolMs(3_000);
/** A portrait whose batch can store nothing comes again after this, to be parked. */
const PARKED_SOON_MS = protocolMs(500);
/** Clearing a session never takes longer. */
const FORGET_MS = 10_000;

/**
 * Maps the end of a run to the ledger, and tells the queue what becomes of the job. A job is kept even where leaving was
 * refused: it may have been carried out and only its answer lost with the connection, and the portrait waits for this
 * job. Where the claim really is another's, so is the job's lock, or the job is told so when it comes again.
 */
export async function conclude(
  context: WorkerContext,
  lane: LaneContext,
  claimed: Claimed,
  ending: Ending,
  receipt: Receipt,
): Promise<RunResult> {
  const { spec, index, token } = claimed;
  const { name } = lane.lane;
  switch (ending.kind) {
    case "settle":
      // Only the holder of the claim clears the sessions: another worker may still have to look into them.
      if (await settle(context, lane, claimed, ending, receipt)) {
        const found = ending.outcome.code === "already_delivered";
        if (ending.outcome.code === "ok") await wakeUnstored(context, lane, claimed, receipt);
        const needless = [...claimed.inputs, ...keptInVain(ending.outcome, receipt)];
        await Promise.all([
          forgetSessions(context, lane, claimed, receipt, found),
          removeFiles(context, claimed, needless),
        ]);
      }
      return { kind: "finished" };
    case "later": {
      const kept =
        ending.refused === true ? await forgetRefused(context, lane, claimed, ending.receipt) : ending.receipt;
      const { reason, delayMs, message } = ending;
      await putOff(context, claimed, {
        state: ending.keepsPlace === true ? "queued" : "retrying",
        wait: { reason, delayMs, message },
        receipt: kept,
        lane: name,
      });
      return { kind: "later", delayMs };
    }
    case "blocked": {
      await blockLane(context, lane, token, ending);
      // In an outage whatever arrived is looked for in the session later.
      const isRefused = ending.reason !== "outage";
      const kept = isRefused ? await forgetRefused(context, lane, claimed, ending.receipt) : ending.receipt;
      const wait = { reason: "lane_blocked", delayMs: RESTING_LOOK_MS, message: ending.message } as const;
      await putOff(context, claimed, { state: "queued", wait, receipt: kept, lane: name });
      // Another portrait is the next probe: the fault may be in this one.
      return { kind: "later", delayMs: RESTING_LOOK_MS };
    }
    case "lane-rests": {
      const wait = { reason: "lane_blocked", delayMs: RESTING_LOOK_MS } as const;
      await putOff(context, claimed, { state: "queued", wait, receipt: ending.receipt, lane: name });
      return { kind: "later", delayMs: RESTING_LOOK_MS };
    }
    case "destination-rests":
      return await waitForDestination(context, lane, claimed, ending);
    case "hand-back": {
      const wait = { reason: ending.reason, delayMs: 0 };
      await putOff(context, claimed, { state: "queued", wait, receipt: ending.receipt, lane: name });
      return { kind: "handed-back" };
    }
    case "elsewhere": {
      const message = `lane ${ending.lane} was called for it and has it until it ends`;
      const wait = { reason: "other_lane", delayMs: 0, message } as const;
      await putOff(context, claimed, { state: "retrying", wait, receipt: ending.receipt, lane: name });
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
async function putOff(
  { ledger, bus, log }: WorkerContext,
  { spec, index, token }: Claimed,
  left: LeftPortrait,
): Promise<void> {
  const lookAtMs = await ledger.leave(spec.id, index, token, left);
  if (lookAtMs === undefined) return;
  logPutOff(log, { batch: spec.id, portrait: index, lane: left.lane ?? spec.lane }, left.wait);
  const { reason, delayMs, message = "" } = left.wait;
  const nextLookAt = new Date(lookAtMs).toISOString();
  bus.event(spec.id, { type: "portrait-retry", index, reason, message, delayMs, nextLookAt }).catch(() => undefined);
}

/** What is paid keeps its job until the next look at the destination; what is not goes back into the row. */
async function waitForDestination(
  context: WorkerContext,
  lane: LaneContext,
  claimed: Claimed,
  { blocked, receipt }: Extract<Ending, { kind: "destination-rests" }>,
): Promise<RunResult> {
  const isOfBatch = context.destinations.blockOf(claimed.spec) !== undefined;
  // Where all of the batch rests, the claim parks what its job brings again.
  const isParked = isOfBatch && receipt.firstIntentAt === undefined;
  const delayMs = isParked ? PARKED_SOON_MS : destinationWaitMs(context, blocked);
  const wait = { reason: "destination_blocked", delayMs, message: blocked.message } as const;
  const state = isParked ? "queued" : "retrying";
  await putOff(context, claimed, { state, wait, receipt, lane: lane.lane.name });
  return { kind: "later", delayMs };
}

async function settle(
  context: WorkerContext,
  lane: LaneContext,
  { spec, recipe, index, token }: Claimed,
  { outcome }: Extract<Ending, { kind: "settle" }>,
  receipt: Receipt,
): Promise<boolean> {
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
 * stopped or a fallback take the portrait, nobody comes back to clear it (P8). What cannot be cleared now is not noted to
 * be cleared later: the portrait's next call is made in that session, and may then need what it remembers.
 *
 * @returns the receipt, which knows of no exchange of a session that is cleared
 */
async function forgetRefused(
  { ledger }: WorkerContext,
  { provider }: LaneContext,
  { spec, round, index, token, who: { identity } }: Claimed,
  receipt: Receipt,
): Promise<Receipt> {
  if (receipt.firstIntentAt !== undefined || !provider.remembers || identity === undefined) return receipt;
  // Who has taken the portrait over may be calling in this session.
  if (!(await ledger.writeReceipt(spec.id, index, token, receipt))) return receipt;
  const session = sessionId(spec.id, identity, receipt.generation, round);
  return (await provider.forget(session, AbortSignal.timeout(FORGET_MS))) ? withExchanges(receipt, 0) : receipt;
}

/**
 * What a provider keeps of a person goes when the portrait has ended (P8); what cannot go now is noted, and goes later.
 * Where Redis may have forgotten a call, so does what that would have left.
 *
 * @param found another batch's result was there already: there was nothing to make a call for
 */
async function forgetSessions(
  context: WorkerContext,
  { provider, lane }: LaneContext,
  { spec, index, round, recoveries, who: { identity } }: Claimed,
  receipt: Receipt,
  found: boolean,
): Promise<void> {
  if (!provider.remembers) return;
  const known = sessionsOf(spec.id, receipt);
  const mayBeOthers =
    known.length === 0 && !found && (recoveries > 0 || (await context.continuity.mayHaveForgotten(spec.createdAt)));
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
async function removeFiles(
  { openStore, log }: WorkerContext,
  { spec, index }: Claimed,
  keys: readonly string[],
): Promise<void> {
  const destination = openStore(spec.destination.url);
  for (const key of keys) {
    await destination.delete(key).catch((error: unknown) => {
      log.warn(
        { batch: spec.id, portrait: index, key, err: error },
        "a picture of passing use could not be removed yet",
      );
    });
  }
}
