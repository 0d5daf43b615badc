import { bookedFor, withTurn, type FoundPicture, type OutcomeCode, type Turn } from "@darkroom/core";
import { isWholePicture } from "@darkroom/imaging";
import { isUnreached } from "../lanes/lane-health.ts";
import { waitForNetwork } from "../lanes/wait-for-network.ts";
import { waitForResult } from "../run/after-failure.ts";
import type { PortraitRun, PreparedRun } from "../run/portrait-run.ts";
import type { RunEnding } from "../run/run-ending.ts";
import { faultyLook, type FaultyLook } from "../store/judge-result.ts";
import { expectedBytes, withResultRoom } from "../store/reserve-result-memory.ts";
import { askMemory } from "./ask-memory.ts";
import { picturesOf } from "./enhanced-pictures.ts";

/** Outcomes whose paid picture may still be obtained, now or later. */
const LOST: ReadonlySet<OutcomeCode> = new Set(["corrupt_output", "result_unavailable"]);

/**
 * Before a portrait ends without its paid picture, asks the provider's memory once for another link. Without one, the
 * ledger keeps the old link for a later retry; see {@link findLostResult}.
 */
export async function beforeGivingUp(run: PreparedRun, ending: RunEnding): Promise<RunEnding> {
  if (ending.kind !== "settle" || !LOST.has(ending.outcome.code)) return ending;
  const { context, lane, claim, prepared } = run;
  const { turns } = run.receipt;
  if (turns.at(-1)?.outputUrl === undefined) return ending;
  const again = await otherLink(run);
  if (again !== undefined) {
    await run.write(withTurn(run.receipt, turns.length - 1, again));
    const message = "the provider's memory has another link to the picture";
    return { kind: "later", reason: "result", delayMs: run.timing.lookMs, message };
  }
  const lost = { fingerprint: prepared.fingerprint, turns, booked: bookedFor(run.receipt, lane.lane.name) };
  await context.ledger.lostResults.keep(claim.spec.id, claim.index, { ...lost, round: claim.round });
  return ending;
}

/** The last turn with a link other than the failed one. */
async function otherLink(run: PreparedRun): Promise<Turn | undefined> {
  const { lane, receipt } = run;
  const { turns, exchanges } = receipt;
  const turn = turns.at(-1);
  if (turn === undefined || turn.relinked === true || !lane.provider.remembers) return undefined;
  const answer = await askMemory(run, turns.length - 1, Math.max(0, exchanges - 1));
  run.signal.throwIfAborted();
  if (answer.kind === "unavailable" && isUnreached(lane, answer)) {
    throw run.endWith(waitForResult(receipt, answer.message, run.limits));
  }
  if (answer.kind !== "found" || answer.url === turn.outputUrl) return undefined;
  return { ...fresh(turn), outputUrl: answer.url, relinked: true };
}

/**
 * In a retry, reuses a picture that an earlier round paid for and could not fetch, if its link now returns a whole
 * picture that differs from the faulty one. It costs nothing more: the earlier round has booked it.
 */
export async function findLostResult(run: PreparedRun): Promise<void> {
  const { context, claim, prepared, receipt } = run;
  const { spec, index, round } = claim;
  if (round === 0 || receipt.firstIntentAt !== undefined || receipt.turns.length > 0) return;
  const lost = await context.ledger.lostResults.of(spec.id, index);
  const last = lost?.turns.at(-1);
  if (lost === undefined || last?.outputUrl === undefined) return;
  if (lost.fingerprint !== prepared.fingerprint || lost.round >= round) return;
  const look = await lookAtLink(run, last.outputUrl);
  if (look === undefined || look.digest === last.faulty) return await context.ledger.lostResults.drop(spec.id, index);
  run.receipt = { ...run.receipt, turns: lost.turns.map(fresh), found: lost.booked };
}

/**
 * Reads what an earlier round booked for the picture that this round stored. A picture still in the list of lost
 * results was found there and not paid for again, because a round checks that list before it calls a provider.
 */
export async function bookedBefore(
  { context: { ledger }, claim: { spec, index, round } }: PortraitRun,
  fingerprint: string,
): Promise<FoundPicture | undefined> {
  const lost = round === 0 ? undefined : await ledger.lostResults.of(spec.id, index);
  return lost?.fingerprint === fingerprint && lost.round < round ? lost.booked : undefined;
}

/** @returns undefined when the link returns no whole picture */
async function lookAtLink(run: PreparedRun, url: string): Promise<FaultyLook | undefined> {
  const { context, prepared, signal } = run;
  const [picture] = picturesOf(run, { kind: "urls", urls: [url], knownSubjects: undefined });
  return await withResultRoom(context.resultMemory, expectedBytes(prepared), signal, async (roomBytes) => {
    const fetched = await picture?.fetch(roomBytes);
    if (fetched?.kind === "failed") await waitForNetwork(run, fetched);
    return fetched?.kind === "ok" && isWholePicture(fetched.bytes) ? faultyLook(fetched.bytes) : undefined;
  });
}

/** Resets a turn so that its picture is fetched as if it had just arrived. */
function fresh(before: Turn): Turn {
  const { misses: _, faulty: __, ...turn } = before;
  return { ...turn, outputAt: Date.now(), finished: true };
}
