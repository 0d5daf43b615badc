import {
  addedCropsText,
  type AtDestination,
  type BatchSpec,
  type ObjectHead,
  type ObjectStore,
  PROVIDERS,
  type PortraitRow,
  RESULT_METADATA,
  type Receipt,
  type Recipe,
  type StepPrices,
  type WantedPicture,
  isSimulated,
  isTaken,
  lastCall,
  outcomeOf,
  outcomeOfAnswer,
  parseGivenPicture,
  parseFaceScores,
  readC2paFate,
  parsePictureStats,
  pictureLinks,
  portraitIdentity,
  presentCalls,
  stepPricesUsd as pricesOfSteps,
  withBooked,
  withEveryStepPaid,
} from "@darkroom/core";
import { serverNow } from "@darkroom/redis-kit";
import type { PortraitRun } from "../run/portrait-run.ts";
import type { WorkerContext } from "../run/worker-context.ts";
import { confirmClaim } from "../claims/confirm-claim.ts";
import { copyDelivered, type DeliveredCopy } from "./copy-delivered.ts";
import { copyPlainResult } from "./copy-plain-result.ts";
import { deliveredExtras } from "./delivered-extras.ts";
import { deliveredNotes, noteDelivery } from "./delivery-notes.ts";
import { RunEnded } from "../run/run-ending.ts";
import { bookedBefore } from "../enhance/lost-result.ts";
import { inspectKey, type Seen } from "./inspect-key.ts";
import { marksOf } from "../store/result-marks.ts";
import { withFurther } from "../store/compare-picture.ts";

/** The contents of the destination when the run continues. */
export interface Found extends Seen {
  /** True when this portrait's main picture is stored but variations linked in the receipt are not. */
  readonly isStored: boolean;
}

/** The expected result and its location. */
export interface SoughtResult {
  readonly row: PortraitRow;
  readonly destination: ObjectStore;
  readonly wanted: WantedPicture;
  readonly recipe: Recipe;
  /** Prices of the lane's provider. */
  readonly stepPricesUsd: StepPrices;
}

/**
 * Ends the run when the destination already holds this fingerprint (P3): as `ok` when this portrait stored the result
 * before its worker died, otherwise as `already_delivered`. Creates missing cuts. Also accepts the schedule's earlier
 * deliveries, and copies those that are at another key, as well as results with the name that they have without the
 * template.
 *
 * @returns the contents of the destination when the run continues
 */
export async function endWhenDelivered(run: PortraitRun, sought: SoughtResult): Promise<Found> {
  const { context, claim, receipt, signal } = run;
  const { row, destination, wanted, recipe } = sought;
  let { head, what } = await inspectKey(destination, row.destination, wanted, signal);
  if (what !== "delivered" && presentCalls(receipt).length === 0) {
    const wished = recipe.output.variations ?? 1;
    const confirm = (): Promise<unknown> => confirmClaim(run);
    const copy = { spec: claim.spec, row, destination, wanted, wished, signal, confirm };
    const remembered = await checkNotes(context, copy, what);
    if (remembered === "here") throw run.settleAs("already_delivered", "");
    const isCopied = remembered === "copied" || (what === "nothing" && (await copyPlainResult(context, copy)));
    if (isCopied) ({ head, what } = await inspectKey(destination, row.destination, wanted, signal));
  }
  const isStored = head !== undefined && what === "delivered" && (await endWithStored(run, sought, head));
  return { what, head, isStored };
}

/**
 * Ends the run with the stored result.
 *
 * @returns true when variations linked in the receipt are still missing, so that the run continues
 */
async function endWithStored(run: PortraitRun, sought: SoughtResult, head: ObjectHead): Promise<true> {
  const { context, claim, receipt, signal } = run;
  const { spec, round } = claim;
  const { row, destination, wanted, recipe } = sought;
  const { [RESULT_METADATA.fingerprint]: its = wanted.fingerprint } = head.metadata;
  const ours =
    head.metadata[RESULT_METADATA.batch] === spec.id &&
    head.metadata[RESULT_METADATA.identity] === portraitIdentity(row, its);
  const madeIn = Number(head.metadata[RESULT_METADATA.round] ?? 0);
  const isThisCall = ours && madeIn === round;
  const provider = head.metadata[RESULT_METADATA.provider] ?? recipe.provider;
  const made = ours ? madeElsewhere(spec, recipe, provider) : undefined;
  const booked = isThisCall ? await bookedBefore(run, wanted.fingerprint) : undefined;
  const code = ours ? "ok" : "already_delivered";
  // A stored picture proves that every step was paid for, even if Redis lost the receipt or the end of the portrait.
  const paid = (): Receipt => withEveryStepPaid(receipt, made?.stepPricesUsd ?? sought.stepPricesUsd, serverNow());
  const outcome =
    // The earlier round has booked this cost.
    booked !== undefined
      ? outcomeOf(withBooked(receipt, booked), code, "")
      : isThisCall
        ? outcomeOfAnswer(paid(), code, "")
        : outcomeOf(receipt, code, "");
  const extraWanted = { ...wanted, fingerprint: its, simulated: isSimulated(head) };
  const marks = marksOf({ batchId: spec.id, row, ...extraWanted, recipe, provider, round: madeIn });
  const { overwrite = false } = spec.destination;
  const confirm = (): Promise<unknown> => confirmClaim(run);
  const target = { destination, row, wanted: extraWanted, marks, overwrite, signal, confirm };
  const { further, added, ...extras } = await context.storing(() =>
    deliveredExtras(context, target, recipe.output, head),
  );
  const wished = recipe.output.variations ?? 1;
  const last = lastCall(receipt);
  const there = 1 + (extras.variations?.length ?? 0);
  const linked = Math.max(1, last === undefined ? 0 : pictureLinks(last).length);
  if (isThisCall && there < Math.min(wished, linked)) return true;
  const missing = ours && there < wished ? [`the destination has ${there} of the ${wished} ordered pictures`] : [];
  const warnings = [...(extras.warnings ?? []), ...missing];
  // Every batch checks the rows of a manifest, so such rows need no notes.
  if (ours || row.etag !== undefined) await noteDelivery(context, spec, row, head);
  const stats = parsePictureStats(head.metadata[RESULT_METADATA.stats]);
  const face = parseFaceScores(head.metadata[RESULT_METADATA.face]);
  const c2pa = readC2paFate(head.metadata[RESULT_METADATA.c2pa]);
  const picture = parseGivenPicture(head.metadata[RESULT_METADATA.given]);
  const knownSubjects = ours ? last?.outputs?.knownSubjects : undefined;
  const seen = {
    destination: row.destination,
    // A batch that stores its own main picture also ordered the cuts.
    ...(ours ? {} : { message: addedCropsText(added) }),
    ...extras,
    ...(warnings.length === 0 ? {} : { warnings }),
    ...(made === undefined || booked !== undefined ? {} : { lane: made.lane }),
    ...(knownSubjects === undefined ? {} : { knownSubjects }),
    ...(stats === undefined ? {} : { stats }),
    ...(face === undefined ? {} : { face }),
    ...(c2pa === undefined ? {} : { c2pa }),
    ...(picture === undefined ? {} : { picture: withFurther(picture, further) }),
  };
  throw new RunEnded({ kind: "settle", outcome: { ...outcome, ...seen } });
}

/**
 * Looks up the schedule's notes for a photo without a result at its key: `here` when the photo was delivered to this
 * key before, `copied` when the result was copied from another key.
 *
 * @param there current contents of the photo's key
 */
async function checkNotes(
  context: WorkerContext,
  copy: DeliveredCopy,
  there: AtDestination,
): Promise<"here" | "copied" | undefined> {
  const { spec, row, wanted } = copy;
  const { schedule } = spec;
  if (schedule === undefined) return undefined;
  const notes = await deliveredNotes(context, schedule, row, wanted);
  const own = notes.find(({ destination }) => destination === row.destination);
  if (own !== undefined) return "here";
  if (isTaken(there, spec.destination.overwrite ?? false)) return undefined;
  for (const note of notes) {
    if (note.destination !== row.destination && (await copyDelivered(context, copy, note))) return "copied";
  }
  return undefined;
}

/**
 * Finds the lane that produced a delivered picture, and the prices of that lane. Returns undefined for the current
 * lane: the batch has only one lane, or both lanes use the same provider.
 */
function madeElsewhere(
  { prices, lane, control }: BatchSpec,
  recipe: Recipe,
  made: string,
): { readonly lane: string; readonly stepPricesUsd: StepPrices } | undefined {
  const { fallback } = control ?? {};
  const provider = PROVIDERS.find((name) => name === made);
  if (fallback === undefined || fallback.provider === recipe.provider || provider === undefined) return undefined;
  const stepPricesUsd = pricesOfSteps({ ...recipe, provider }, prices);
  return { lane: provider === fallback.provider ? fallback.lane : lane, stepPricesUsd };
}
