import {
  bookedFor,
  hasLink,
  lastCall,
  pictureLinks,
  presentCalls,
  withLostResult,
  withOtherLink,
  type FoundPicture,
  type OutcomeCode,
  type Receipt,
} from "@darkroom/core";
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
 * Before a portrait ends without its paid picture, asks the provider's memory once for another link. If there is no
 * other link, the ledger keeps the old one for a later retry; see {@link findLostResult}.
 */
export async function beforeGivingUp(run: PreparedRun, ending: RunEnding): Promise<RunEnding> {
  if (ending.kind !== "settle" || !LOST.has(ending.outcome.code)) return ending;
  const { context, lane, claim, prepared } = run;
  if (!hasLink(lastCall(run.receipt))) return ending;
  const again = await withOther(run);
  if (again !== undefined) {
    await run.write(again);
    const message = "the provider's memory has another link to the picture";
    return { kind: "later", reason: "result", delayMs: run.timing.lookMs, message };
  }
  const { fingerprint } = prepared;
  const lost = { fingerprint, calls: presentCalls(run.receipt), booked: bookedFor(run.receipt, lane.lane.name) };
  await context.ledger.lostResults.keep(claim.spec.id, claim.index, { ...lost, round: claim.round });
  return ending;
}

/** Returns the receipt with a link other than the failed one, if the provider's memory has such a link. */
async function withOther(run: PreparedRun): Promise<Receipt | undefined> {
  const { lane, receipt } = run;
  const call = lastCall(receipt);
  if (call === undefined || call.outputs?.relinked === true || !lane.provider.remembers) return undefined;
  const answer = await askMemory(run, call.step, Math.max(0, receipt.session.exchanges - 1));
  run.signal.throwIfAborted();
  if (answer.kind === "unavailable" && isUnreached(lane, answer)) {
    throw run.endWith(waitForResult(receipt, answer.message, run.limits));
  }
  if (answer.kind !== "found" || answer.url === pictureLinks(call)[0]) return undefined;
  return withOtherLink(receipt, answer.url, Date.now());
}

/**
 * In a retry, reuses a picture that an earlier round paid for and could not fetch, if its link now returns a complete
 * picture that differs from the faulty one. This costs nothing, because the earlier round has booked the picture.
 */
export async function findLostResult(run: PreparedRun): Promise<void> {
  const { context, claim, prepared, receipt } = run;
  const { spec, index, round } = claim;
  if (round === 0 || receipt.firstIntentAt !== undefined || presentCalls(receipt).length > 0) return;
  const lost = await context.ledger.lostResults.of(spec.id, index);
  const last = lost?.calls.at(-1);
  const url = last === undefined ? undefined : pictureLinks(last)[0];
  if (lost === undefined || url === undefined) return;
  if (lost.fingerprint !== prepared.fingerprint || lost.round >= round) return;
  const look = await lookAtLink(run, url);
  if (look === undefined || look.digest === last?.outputs?.faulty) {
    return await context.ledger.lostResults.drop(spec.id, index);
  }
  run.receipt = withLostResult(run.receipt, lost, Date.now());
}

/**
 * Returns what an earlier round booked for the picture that this round stored. A round checks the list of lost results
 * before it calls a provider, so a picture that is still in the list was not paid for again.
 */
export async function bookedBefore(
  { context: { ledger }, claim: { spec, index, round } }: PortraitRun,
  fingerprint: string,
): Promise<FoundPicture | undefined> {
  const lost = round === 0 ? undefined : await ledger.lostResults.of(spec.id, index);
  return lost?.fingerprint === fingerprint && lost.round < round ? lost.booked : undefined;
}

/** @returns undefined when the link returns no complete picture */
async function lookAtLink(run: PreparedRun, url: string): Promise<FaultyLook | undefined> {
  const { context, prepared, signal } = run;
  const [picture] = picturesOf(run, { kind: "urls", urls: [url], knownSubjects: undefined });
  return await withResultRoom(context.resultMemory, expectedBytes(prepared), signal, async (roomBytes) => {
    const fetched = await picture?.fetch(roomBytes);
    if (fetched?.kind === "failed") await waitForNetwork(run, fetched);
    return fetched?.kind === "ok" && isWholePicture(fetched.bytes) ? faultyLook(fetched.bytes) : undefined;
  });
}
