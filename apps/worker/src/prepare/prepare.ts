import {
  DarkroomError,
  type Order,
  type Recipe,
  type SourceIdentity,
  type WantedPicture,
  batchKeys,
  disowned,
  fingerprint,
  hasLink,
  isBought,
  isDarkroomError,
  isOrderOf,
  isRejected,
  isSamePhoto,
  isTwinLane,
  messageOf,
  portraitIdentity,
  presentCalls,
  recipeFor,
  recipeHash,
  stepPricesUsd as pricesOfSteps,
  withoutOrder,
} from "@darkroom/core";
import { sessionsOf } from "@darkroom/ledger";
import { workBytes, type PicturePlan } from "@darkroom/imaging";
import { findPhoto, photoPlace, type PhotoPlace } from "@darkroom/manifest";
import { placeMark, replacesPhoto } from "@darkroom/storage";
import { headDigestOf } from "./head-digest.ts";
import type { PortraitRun, PreparedRun } from "../run/portrait-run.ts";
import type { LaneContext } from "../run/worker-context.ts";
import { endWhenDelivered, type Found } from "../delivered/end-when-delivered.ts";
import { needsCall, passEarly } from "../lanes/early-pass.ts";
import { RunEnded } from "../run/run-ending.ts";
import { endWhenTaken } from "../delivered/end-when-taken.ts";
import { ownResult } from "../delivered/own-result.ts";
import { offerPicture, type OfferedPhoto } from "./offer-picture.ts";
import { planPhoto } from "./plan-photo.ts";
import { openPhoto, type SourcePhoto } from "./source-photo.ts";
import { missingPhotoText } from "./missing-photo.ts";
import { unstorableName } from "../store/unstorable-name.ts";
import { watched } from "../destinations/watched-destination.ts";
import type { Prepared } from "./prepared.ts";

/**
 * Performs every check that needs no paid call: the row, an existing result with this fingerprint, and whether the
 * provider accepts the photo. Ends the run if a check decides the outcome.
 */
export async function prepare(run: PortraitRun): Promise<PreparedRun> {
  return run.withPrepared(await lookAtPortrait(run));
}

async function lookAtPortrait(run: PortraitRun): Promise<Prepared> {
  const { context, lane, claim, signal } = run;
  const { provider } = lane;
  const { spec, recipe: batchRecipe, index, fence } = claim;
  const destination = watched(context, spec, spec.destination.url);
  const row = await context.snapshot.row(destination, spec.id, index, fence);
  if (isRejected(row)) throw new DarkroomError("internal", `portrait ${index} is a rejected row and was dispatched`);
  const recipe = recipeFor(batchRecipe, row);
  const stepPricesUsd = pricesOfSteps({ ...recipe, provider: provider.name }, spec.prices);
  const prints = new Map<string, string>();
  const print = (photo: SourceIdentity): string => {
    const name = `${photo.sizeBytes} ${photo.etag}`;
    const known = prints.get(name) ?? fingerprint(photo, recipe, row.profileIds);
    prints.set(name, known);
    return known;
  };
  const orderFor = (photo: SourceIdentity): Order => {
    const order = { identity: portraitIdentity(row, print(photo)), photo };
    run.identity = order.identity;
    return order;
  };
  const kept = run.receipt.order;
  if (kept !== undefined && !isOrderOf(kept, row, recipe)) {
    context.log.warn({ batch: spec.id, portrait: index }, "the receipt at this index belongs to another portrait");
    const message = "the picture found at this index was ordered for another portrait";
    const ending = { kind: "later", reason: "internal", delayMs: 0, message } as const;
    throw run.endWith({ receipt: disowned(run.receipt), ending });
  }
  const isPaid = presentCalls(run.receipt).some(hasLink);
  const photo = await context
    .preparing(() => findPhoto(context.openStore, spec.source, row))
    .catch((error: unknown) => {
      // A paid result does not depend on its source.
      if (isPaid) return photoPlace(context.openStore, spec.source, row);
      throw error;
    });
  if (!(photo instanceof URL) && replacesPhoto({ store: destination, key: row.destination }, photo)) {
    throw run.settleAs("invalid_row", "the destination is the photo itself; use another destination or template");
  }
  const unstorable = unstorableName(destination, row, isPaid ? {} : recipe.output);
  if (unstorable !== undefined) {
    // A retry may still recall the result of an earlier call.
    const isCalled = presentCalls(run.receipt).length > 0;
    throw run.settleAs(isCalled ? "storage_error" : "unstorable_name", unstorable);
  }
  const inListing =
    row.etag === undefined || row.sizeBytes === undefined ? undefined : { etag: row.etag, sizeBytes: row.sizeBytes };
  if (kept !== undefined) run.identity = kept.identity;
  else if (inListing !== undefined) orderFor(inListing);
  const listed = run.receipt.fingerprint ?? (inListing === undefined ? undefined : print(inListing));
  /** The fingerprint for another recipe can be derived only from the photo behind a fingerprint. */
  const orderedOf = (marked: string, ...photos: readonly (SourceIdentity | undefined)[]): string | undefined => {
    if (spec.schedule === undefined) return undefined;
    const photo = photos.find((each) => each !== undefined && print(each) === marked);
    if (photo === undefined) return undefined;
    const ordered = fingerprint(photo, recipeFor(spec.recipe, row), row.profileIds);
    return ordered === marked ? undefined : ordered;
  };
  const place = placeMark(photo);
  const wantedAs = (marked: string): WantedPicture => ({
    fingerprint: marked,
    place,
    recipe: recipeHash(recipe, row.profileIds),
    batchId: spec.id,
    scheduled: spec.schedule !== undefined,
    simulated: isTwinLane(lane.lane.name),
  });
  const endWhenThere = (marked: string): Promise<Found> =>
    endWhenDelivered(run, { row, destination, wanted: wantedAs(marked), stepPricesUsd, recipe });
  const { preparing } = context;
  const asksGate = await needsGate(run, recipe);
  // The destination was checked before the portrait waited at the gate.
  if (asksGate && claim.waitedAtGate) await passEarly(run);
  await ownResult(run, row, destination);
  const found = listed === undefined ? undefined : await preparing(() => endWhenThere(listed));
  const isStored = found?.isStored === true;
  const common = { row, recipe, stepPricesUsd, destination, isStored };
  // Checked before the photo is read: with a blocked destination, the run neither pays for a new result nor fetches a
  // paid one.
  if (isPaid) context.destinations.check(spec, row.destination);
  else await context.destinations.prove(spec, row.destination);
  if (asksGate) await passEarly(run);
  /** A paid result is delivered even if its source is gone. */
  const withoutSource = (fault: RunEnded): Prepared => {
    const { fingerprint: paidFor, order } = run.receipt;
    if (paidFor === undefined || order === undefined || !isPaid) throw fault;
    const ordered = orderedOf(paidFor, inListing);
    return {
      ...common,
      fingerprint: paidFor,
      wanted: wantedAs(paidFor),
      order,
      ordered,
      source: undefined,
      image: () => Promise.reject(fault),
    };
  };
  let source: SourcePhoto;
  try {
    source = await preparing(() => openPhoto(context, photo, signal));
  } catch (error) {
    if (isPaid) return withoutSource(run.settleAs("source_missing", messageOf(error)));
    throw await sourceFault(run, photo, error);
  }
  if (kept !== undefined && !isSamePhoto(kept.photo, source)) {
    const changed = run.settleAs("source_changed", SOURCE_CHANGED);
    if (isStored) return withoutSource(changed);
    if (isBought(run.receipt)) throw changed;
    await lane.lane.leftSessions.note(sessionsOf(spec.id, run.receipt));
    run.receipt = withoutOrder(run.receipt);
  }
  const { etag, sizeBytes, version } = source;
  const seen = run.receipt.order ?? orderFor({ etag, sizeBytes });
  const actual = run.receipt.fingerprint ?? print(source);
  const there = found !== undefined && actual === listed ? found : await preparing(() => endWhenThere(actual));
  // For a portrait that was called, `store` checks the key again before the write.
  if (presentCalls(run.receipt).length === 0) endWhenTaken(run, { row, destination, there });
  const { probe, plan } = await preparing(() => planPhoto(context, provider, source, signal));
  if (plan.kind === "refuse") return withoutSource(run.settleAs(plan.code, plan.message));
  if (probe.kind !== "picture") throw run.settleAs("invalid_image", "the source's image format could not be read");
  const inputKeys = inputKeysOf(run, actual, plan);
  run.inputs.push(...Object.values(inputKeys));
  const { contentType } = probe;
  const order = isFetchedFrom(photo, plan, provider) ? withVersion(seen, version) : seen;
  const offered: OfferedPhoto = {
    place: photo,
    identity: order.photo,
    sizeBytes,
    hasPlainLink: source.hasPlainLink,
    contentType,
    longerSidePx: Math.max(probe.width, probe.height),
    workBytes: workBytes(probe),
    plan,
    destination,
    inputKeys,
  };
  // The photo may be scaled down before it is sent. The result is compared with the sent size.
  const sent = plan.kind === "convert" ? { ...probe, width: plan.width, height: plan.height } : probe;
  return {
    ...common,
    fingerprint: actual,
    wanted: wantedAs(actual),
    order,
    ordered: orderedOf(actual, source, inListing),
    source: { probe: sent, head: headDigestOf(source.firstBytes), sizeBytes, isConverted: plan.kind === "convert" },
    image: () => offerPicture(run, offered),
  };
}

/** Message for a portrait whose photo was replaced. */
export const SOURCE_CHANGED =
  "the photo was replaced or rewritten during the run; the result made from the earlier one is not delivered";

/** True when the provider fetches the photo from its store at an unknown time. */
function isFetchedFrom(
  place: PhotoPlace,
  plan: PicturePlan,
  { accepts }: Pick<LaneContext["provider"], "accepts">,
): boolean {
  return plan.kind === "as-is" && accepts.by.includes("url") && !(place instanceof URL);
}

/** Keeps the version of an existing order. */
function withVersion(order: Order, version: string | undefined): Order {
  const { photo } = order;
  return photo.version !== undefined || version === undefined ? order : { ...order, photo: { ...photo, version } };
}

/** True when a paid call comes next. If Redis may have lost a call, a recall comes first. */
async function needsGate(run: PortraitRun, { steps }: Recipe): Promise<boolean> {
  return needsCall(run.receipt, steps.length) && !(await run.mayBeBehind());
}

/** Returns the keys of the converted picture, which are the same in every run of this portrait with this photo. */
function inputKeysOf(
  { claim: { spec, index }, lane: { provider } }: PortraitRun,
  print: string,
  plan: PicturePlan,
): OfferedPhoto["inputKeys"] {
  if (plan.kind !== "convert") return {};
  const version = `${provider.name}-${print.slice(0, 16)}`;
  const key = (extension: "jpg" | "png"): string => batchKeys(spec.id).input(index, version, extension);
  return {
    ...(plan.to.includes("image/jpeg") ? { "image/jpeg": key("jpg") } : {}),
    ...(plan.to.includes("image/png") ? { "image/png": key("png") } : {}),
  };
}

/** Maps an unreadable source to an outcome. Rethrows transient storage errors. */
async function sourceFault(run: PortraitRun, photo: PhotoPlace, error: unknown): Promise<unknown> {
  if (isDarkroomError(error, "storage_not_found") || isDarkroomError(error, "not_found")) {
    return run.settleAs("source_missing", await missingPhotoText(photo, error, run.signal));
  }
  if (isDarkroomError(error, "address_not_allowed")) {
    return run.settleAs(error.retryable ? "source_unreadable" : "source_not_allowed", messageOf(error));
  }
  if (
    isDarkroomError(error, "storage_denied") ||
    isDarkroomError(error, "storage_refused") ||
    isDarkroomError(error, "remote_refused") ||
    isDarkroomError(error, "storage_invalid") ||
    isDarkroomError(error, "invalid_input")
  ) {
    return run.settleAs("source_unreadable", messageOf(error));
  }
  return error;
}
