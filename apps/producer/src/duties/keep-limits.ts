import { MICRO, portraitPriceUsd, reserveOfBatchUsd, reserveReason } from "@darkroom/core";
import { affordable, rowsRead, type BatchRecord } from "@darkroom/ledger";
import type { ProducerContext } from "../context.ts";

const OPEN: readonly BatchRecord["state"][] = [
  "ingesting",
  "awaiting_confirmation",
  "running",
  "awaiting_approval",
  "paused",
];

/** Keeps the limits that a person set: stops a batch at its deadline, and pauses one that its budget pays no more for. */
export async function keepLimits(context: ProducerContext, record: BatchRecord, nowMs: number): Promise<void> {
  const { spec, state, counts } = record;
  if (record.cancelled || !OPEN.includes(state)) return;
  const deadline = spec.control?.deadline;
  if (deadline !== undefined && Date.parse(deadline) <= nowMs && !wasRetriedAfter(record, Date.parse(deadline))) {
    const reason = `its deadline has passed (${deadline})`;
    const stopped = await context.ledger.control.stop(spec.id, reason, "deadline_passed", false, { madeFor: record });
    if (stopped.kind !== "done") return;
    context.log.warn({ batch: spec.id, deadline }, "a batch's deadline has passed: nothing more of it is started");
    return;
  }
  const { maxCostUsd, reserveUsd } = record;
  if (maxCostUsd === undefined || reserveUsd === undefined || (state !== "running" && state !== "ingesting")) return;
  const inFlight = counts.queued + counts.running + counts.retrying;
  const read = rowsRead(record);
  const dearestUsd = reserveOfBatchUsd(spec, spec.recipe, read) ?? reserveUsd;
  // A round may have a recipe of its own, which is then what is set aside.
  const isFirstRound = record.rounds.length === 0;
  if (isFirstRound && dearestUsd < reserveUsd && (await context.ledger.control.lowerReserve(spec.id, dearestUsd)))
    return;
  if (counts.pending === 0 || inFlight > 0 || record.unconfirmed) return;
  const { costUsd, lostUsd, maybeUsd, heldUsd, maybeBilled } = record;
  const spending = { maxCostUsd, reserveUsd, costUsd, lostUsd, maybeUsd, heldUsd, maybeBilled, inFlight };
  if (affordable(spending) > 0) return;
  // Less may be set aside once it is known what the rows ask for.
  const plainUsd = portraitPriceUsd(spec.recipe, spec.prices) ?? reserveUsd;
  if (read === undefined && affordable({ ...spending, reserveUsd: Math.min(plainUsd, reserveUsd) }) > 0) return;
  const spent = `${dollars(costUsd + lostUsd)} of ${dollars(maxCostUsd)} USD are spent`;
  const unsure = maybeBilled === 0 ? "" : `, ${maybeBilled} portraits may have been billed without an answer`;
  const held = heldUsd <= 0 ? "" : `, calls of portraits that wait may have cost ${dollars(heldUsd)}`;
  const why = isFirstRound ? reserveReason(spec.recipe, spec.prices, reserveUsd, { source: spec.source, read }) : "";
  const paused = await context.ledger.control.pause(
    spec.id,
    `the budget: ${spent}${unsure}${held}, and one more portrait may cost ${dollars(reserveUsd)}${why}; resume with a higher one, or cancel`,
    { by: "budget", usedUpMicroUsd: Math.round(maxCostUsd * MICRO), order: { madeFor: record } },
  );
  if (paused.kind !== "done") return;
  context.log.warn(
    { batch: spec.id, costUsd, lostUsd, maybeUsd, heldUsd, maxCostUsd },
    "a batch's budget is used up: it is paused",
  );
}

/** Who tries portraits again when a deadline has passed wants them all the same. */
function wasRetriedAfter({ rounds }: BatchRecord, deadlineMs: number): boolean {
  return rounds.some(({ at }) => at >= deadlineMs);
}

function dollars(usd: number): string {
  return usd.toFixed(Math.abs(usd * 100 - Math.round(usd * 100)) < 1e-9 ? 2 : 4);
}
