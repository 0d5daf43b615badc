import { type FoundPicture, type OutcomeCode, type Turn, bookedFor } from "@darkroom/core";
import { isWholePicture } from "@darkroom/imaging";
import type { Claimed, LaneContext, WorkerContext } from "../run/worker-context.ts";
import { EndRun, type Ending } from "../run/run-ending.ts";
import { picturesOf } from "./enhanced-pictures.ts";
import { faultyLook, type FaultyLook } from "../store/judge-result.ts";
import type { Prepared } from "../prepare/prepare.ts";
import { expectedBytes, withResultRoom } from "../store/reserve-result-memory.ts";
import { askMemory } from "./recall-turn.ts";
import { withTurn, writeReceipt, type ReceiptBox } from "./receipt-box.ts";
import { waitForResult } from "../run/retry.ts";
import { isUnreached } from "../lanes/lane-health.ts";
import { waitForNetwork } from "../lanes/wait-for-network.ts";

/** Ends of a portrait whose paid picture may still be had, now or later. */
const LOST: ReadonlySet<OutcomeCode> = new Set(["corrupt_output", "result_unavailable"]);

/** One portrait in hand. */
export interface PortraitRun {
  readonly context: WorkerContext;
  readonly lane: LaneContext;
  readonly claimed: Claimed;
  readonly prepared: Prepared;
  readonly box: ReceiptBox;
}

/**
 * Before a portrait ends without its paid picture, the provider's memory is asked, once, whether there is another link to
 * it. Where there is none, the ledger keeps where the picture was: a retry looks there first; see {@link findLostResult}.
 */
export async function beforeGivingUp(ending: Ending, run: PortraitRun): Promise<Ending> {
  if (ending.kind !== "settle" || !LOST.has(ending.outcome.code)) return ending;
  const { context, lane, claimed, prepared, box } = run;
  const { turns } = box.current;
  if (turns.at(-1)?.outputUrl === undefined) return ending;
  const again = await otherLink(run);
  if (again !== undefined) {
    await writeReceipt(context, claimed, box, withTurn(box.current, turns.length - 1, again));
    const message = "the provider's memory has another link to the picture";
    return { kind: "later", reason: "result", delayMs: context.timing.lookMs, receipt: box.current, message };
  }
  const lost = { fingerprint: prepared.fingerprint, turns, booked: bookedFor(box.current, lane.lane.name) };
  await context.ledger.lostResults.keep(claimed.spec.id, claimed.index, { ...lost, round: claimed.round });
  return ending;
}

/** The last turn with another link than the one that failed. */
async function otherLink(run: PortraitRun): Promise<Turn | undefined> {
  const { lane, claimed, box } = run;
  const { turns, exchanges } = box.current;
  const turn = turns.at(-1);
  if (turn === undefined || turn.relinked === true || !lane.provider.remembers) return undefined;
  const turnsBefore = Math.max(0, exchanges - 1);
  const answer = await askMemory(run, turns.length - 1, turnsBefore);
  claimed.signal.throwIfAborted();
  if (answer.kind === "unavailable" && isUnreached(lane, answer)) {
    throw new EndRun(waitForResult(run.context, box.current, answer.message));
  }
  if (answer.kind !== "found" || answer.url === turn.outputUrl) return undefined;
  return { ...fresh(turn), outputUrl: answer.url, relinked: true };
}

/**
 * In a retry, takes up what an earlier round has paid for and ended without, where its link gives a whole picture by now,
 * and another one than it gave then. It costs nothing more: the round that paid has counted it.
 */
export async function findLostResult(run: PortraitRun): Promise<void> {
  const { context, claimed, prepared, box } = run;
  const { spec, index, round } = claimed;
  if (round === 0 || box.current.firstIntentAt !== undefined || box.current.turns.length > 0) return;
  const lost = await context.ledger.lostResults.of(spec.id, index);
  const last = lost?.turns.at(-1);
  if (lost === undefined || last?.outputUrl === undefined) return;
  if (lost.fingerprint !== prepared.fingerprint || lost.round >= round) return;
  const look = await lookAtLink(last.outputUrl, run);
  if (look === undefined || look.digest === last.faulty) return await context.ledger.lostResults.drop(spec.id, index);
  box.current = { ...box.current, turns: lost.turns.map(fresh), found: lost.booked };
}

/**
 * Reads what an earlier round booked for the picture that this round stored. If the picture is still in the list of lost
 * results, this round found it there and did not pay for it: a round looks in that list before it calls a provider.
 */
export async function bookedBefore(
  { ledger }: Pick<WorkerContext, "ledger">,
  { spec, index, round }: Pick<Claimed, "spec" | "index" | "round">,
  fingerprint: string,
): Promise<FoundPicture | undefined> {
  const lost = round === 0 ? undefined : await ledger.lostResults.of(spec.id, index);
  return lost?.fingerprint === fingerprint && lost.round < round ? lost.booked : undefined;
}

/** @returns undefined where the link gives no whole picture */
async function lookAtLink(url: string, run: PortraitRun): Promise<FaultyLook | undefined> {
  const { context, claimed, prepared } = run;
  const { signal } = claimed;
  const [picture] = picturesOf(context, prepared, { kind: "urls", urls: [url], knownSubjects: undefined }, signal);
  return await withResultRoom(context.resultMemory, expectedBytes(prepared), signal, async (roomBytes) => {
    const fetched = await picture?.fetch(roomBytes);
    if (fetched?.kind === "failed") await waitForNetwork(run, fetched);
    return fetched?.kind === "ok" && isWholePicture(fetched.bytes) ? faultyLook(fetched.bytes) : undefined;
  });
}

/** A turn whose picture is to be fetched as if it had just been seen. */
function fresh(before: Turn): Turn {
  const { misses: _, faulty: __, ...turn } = before;
  return { ...turn, outputAt: Date.now(), finished: true };
}
