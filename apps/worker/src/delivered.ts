import {
  parsePictureStats,
  PROVIDERS,
  RESULT_METADATA,
  stepPricesUsd as pricesOfSteps,
  type BatchSpec,
  type ObjectStore,
  type PortraitRow,
  type Recipe,
  type StepPrices,
} from "@darkroom/core";
import { atPrice, withoutMaybe, withPaid, type Receipt } from "@darkroom/ledger";
import type { Claimed, WorkerContext } from "./context.ts";
import { deliveredExtras } from "./delivered-extras.ts";
import { answered, EndRun, outcomeOf } from "./ending.ts";
import { stepMicroUsd } from "./receipt-box.ts";
import { marksOf } from "./result-marks.ts";

/** Where a schedule remembers that a fingerprint was delivered, whatever the date in its destination was. */
export function deliveredKey(fingerprint: string): string {
  return `${fingerprint.slice(0, 2)}/${fingerprint}`;
}

/**
 * Ends the run when the destination already holds this fingerprint (P3): as `already_delivered` when another batch
 * put it there, as `ok` when this very portrait did, before its worker died. Wished cuts that are missing are made then.
 *
 * @returns whether this very portrait did, and the receipt has links to variations that are not there: then it goes on
 */
export async function endWhenDelivered(
  context: WorkerContext,
  { spec, round, signal }: Pick<Claimed, "spec" | "round" | "signal">,
  row: PortraitRow,
  destination: ObjectStore,
  fingerprint: string,
  receipt: Receipt,
  stepPricesUsd: StepPrices,
  recipe: Recipe,
): Promise<boolean> {
  const head = await destination.head(row.destination);
  if (head !== undefined && head.metadata[RESULT_METADATA.fingerprint] === fingerprint) {
    const ours =
      head.metadata[RESULT_METADATA.batch] === spec.id && head.metadata[RESULT_METADATA.portrait] === String(row.index);
    const madeIn = Number(head.metadata[RESULT_METADATA.round] ?? 0);
    const isThisCall = ours && madeIn === round;
    const provider = head.metadata[RESULT_METADATA.provider] ?? recipe.provider;
    const made = ours ? madeElsewhere(context, spec, recipe, provider) : undefined;
    const outcome = outcomeOf(
      // An earlier round has counted what it paid for when the portrait ended in it.
      isThisCall ? paidInWhole(answered(receipt), made?.stepPricesUsd ?? stepPricesUsd) : receipt,
      ours ? "ok" : "already_delivered",
      "",
    );
    const marks = marksOf(spec, row, fingerprint, recipe, provider, madeIn);
    const extras = await context.storing(() =>
      deliveredExtras(context, { destination, row, marks, signal }, recipe.output, fingerprint, head),
    );
    const wished = recipe.output.variations ?? 1;
    const there = 1 + (extras.variations?.length ?? 0);
    const linked = 1 + (receipt.turns.at(-1)?.variationUrls?.length ?? 0);
    if (isThisCall && there < Math.min(wished, linked)) return true;
    const missing =
      ours && there < wished ? [`the destination has ${there} of the ${wished} pictures that were ordered`] : [];
    const warnings = [...(extras.warnings ?? []), ...missing];
    if (ours) await rememberDelivery(context, spec, fingerprint, row);
    const stats = parsePictureStats(head.metadata[RESULT_METADATA.stats]);
    const knownSubjects = ours ? receipt.turns.at(-1)?.knownSubjects : undefined;
    const seen = {
      destination: row.destination,
      ...extras,
      ...(warnings.length === 0 ? {} : { warnings }),
      ...(made === undefined ? {} : { lane: made.lane }),
      ...(knownSubjects === undefined ? {} : { knownSubjects }),
      ...(stats === undefined ? {} : { stats }),
    };
    throw new EndRun({ kind: "settle", outcome: { ...outcome, ...seen } });
  }
  if (spec.schedule === undefined || receipt.turns.length > 0) return false;
  const marker = await context.openStore(spec.schedule.deliveredUrl).head(deliveredKey(fingerprint));
  if (marker !== undefined) {
    throw new EndRun({ kind: "settle", outcome: outcomeOf(receipt, "already_delivered", "") });
  }
  return false;
}

/**
 * What a batch has put there it has paid for, every step of it, also where Redis has forgotten the receipt or its end: a
 * call that looks open is one of them.
 */
function paidInWhole(receipt: Receipt, stepPricesUsd: StepPrices): Receipt {
  const found: Receipt = { ...withoutMaybe(receipt, receipt.turns.length - 1), turns: [] };
  let paid = found;
  for (let step = found.paidTurns; step < stepPricesUsd.length; step += 1) {
    paid = withPaid(atPrice(paid, stepMicroUsd(stepPricesUsd, step)), undefined);
  }
  return paid;
}

/**
 * Which of a batch's two lanes has made what it finds delivered, and what the calls cost there. Undefined where there is one
 * lane, or both are of one provider: then it is the lane at work.
 */
function madeElsewhere(
  { prices }: WorkerContext,
  { lane, control }: BatchSpec,
  recipe: Recipe,
  made: string,
): { readonly lane: string; readonly stepPricesUsd: StepPrices } | undefined {
  const { fallback } = control ?? {};
  const provider = PROVIDERS.find((name) => name === made);
  if (fallback === undefined || fallback.provider === recipe.provider || provider === undefined) return undefined;
  const stepPricesUsd = pricesOfSteps({ ...recipe, provider }, prices);
  return { lane: provider === fallback.provider ? fallback.lane : lane, stepPricesUsd };
}

/** Notes a delivery in the schedule's memory; a batch without a schedule has none. */
export async function rememberDelivery(
  context: WorkerContext,
  spec: BatchSpec,
  fingerprint: string,
  row: PortraitRow,
): Promise<void> {
  if (spec.schedule === undefined) return;
  const note = Buffer.from(`${JSON.stringify({ batch: spec.id, destination: row.destination })}\n`);
  await context
    .openStore(spec.schedule.deliveredUrl)
    .put(deliveredKey(fingerprint), note, { contentType: "application/json" });
}
