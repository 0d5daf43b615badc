import {
  DarkroomError,
  type ObjectStore,
  type Order,
  type PortraitRow,
  type Recipe,
  type SourceIdentity,
  type StepPrices,
  type WantedPicture,
  batchKeys,
  disowned,
  fingerprint,
  isBought,
  isDarkroomError,
  isOrderOf,
  isRejected,
  isSamePhoto,
  isTwinLane,
  messageOf,
  portraitIdentity,
  recipeFor,
  stepPricesUsd as pricesOfSteps,
  withoutOrder,
} from "@darkroom/core";
import { sessionsOf } from "@darkroom/ledger";
import type { PicturePlan, Probe } from "@darkroom/imaging";
import { findPhoto, photoPlace, type PhotoPlace } from "@darkroom/manifest";
import { placeMark, replacesPhoto } from "@darkroom/storage";
import { headDigestOf, type HeadDigest } from "./head-digest.ts";
import type { PortraitRun, PreparedRun } from "../run/portrait-run.ts";
import type { LaneContext } from "../run/worker-context.ts";
import { endWhenDelivered, type Found } from "../delivered/end-when-delivered.ts";
import { needsCall, passEarly } from "../lanes/early-pass.ts";
import { RunEnded } from "../run/run-ending.ts";
import { whyTaken } from "../delivered/look-there.ts";
import { ownResult } from "../delivered/own-result.ts";
import { offerPicture, type Offer, type OfferedPhoto } from "./offer-picture.ts";
import { planPhoto } from "./plan-photo.ts";
import { openPhoto, type SourcePhoto } from "./source-photo.ts";
import { unstorableName } from "../store/unstorable-name.ts";
import { watched } from "../destinations/watched-destination.ts";

export interface Prepared {
  readonly row: PortraitRow;
  readonly recipe: Recipe;
  readonly fingerprint: string;
  /** Whose order it is, and of which photo. */
  readonly order: Order;
  /** See {@link RESULT_METADATA}; undefined where it is no other than the fingerprint. */
  readonly ordered: string | undefined;
  /** What its main picture is, to tell what lies at its key. */
  readonly wanted: WantedPicture;
  /** At the lane's provider. */
  readonly stepPricesUsd: StepPrices;
  readonly destination: ObjectStore;
  /** The main picture is in the destination already, and there are links to variations that are not. */
  readonly isStored: boolean;
  /** As it is sent. Undefined when the source has gone since the portrait was paid for. */
  readonly source:
    | {
        readonly probe: Probe & { kind: "picture" };
        readonly head: HeadDigest;
        readonly sizeBytes: number;
        /** The provider gets another file: upright, in sRGB, perhaps smaller. */
        readonly isConverted: boolean;
      }
    | undefined;
  /** The photo for one call, converted where it must be: a new link, as a rule. */
  readonly image: () => Promise<Offer>;
}

/**
 * Looks at everything that can be known before money is spent: the row, whether the destination already holds this
 * fingerprint, and whether the picture is one that the provider takes. Ends the run where one of them says so.
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
    context.log.warn({ batch: spec.id, portrait: index }, "another portrait's receipt was found under this index");
    const message = "what was found under this number was ordered for another portrait";
    const ending = { kind: "later", reason: "internal", delayMs: 0, message } as const;
    throw run.endWith({ receipt: disowned(run.receipt), ending });
  }
  const isPaid = run.receipt.turns.some((turn) => turn.outputUrl !== undefined);
  const photo = await context
    .preparing(() => findPhoto(context.openStore, spec.source, row))
    .catch((error: unknown) => {
      // What was paid for does not wait for its source.
      if (isPaid) return photoPlace(context.openStore, spec.source, row);
      throw error;
    });
  if (!(photo instanceof URL) && replacesPhoto({ store: destination, key: row.destination }, photo)) {
    throw run.settleAs("invalid_row", "the destination is the photo itself; name another destination or template");
  }
  const unstorable = unstorableName(destination, row, isPaid ? {} : recipe.output);
  if (unstorable !== undefined) throw run.settleAs("storage_error", unstorable);
  const inListing =
    row.etag === undefined || row.sizeBytes === undefined ? undefined : { etag: row.etag, sizeBytes: row.sizeBytes };
  if (kept !== undefined) run.identity = kept.identity;
  else if (inListing !== undefined) orderFor(inListing);
  const listed = run.receipt.fingerprint ?? (inListing === undefined ? undefined : print(inListing));
  /** Only the photo that a fingerprint is of says what it would be with another recipe. */
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
    scheduled: spec.schedule !== undefined,
    simulated: isTwinLane(lane.lane.name),
  });
  const endWhenThere = (marked: string): Promise<Found> =>
    endWhenDelivered(run, { row, destination, wanted: wantedAs(marked), stepPricesUsd, recipe });
  const { preparing } = context;
  const asksGate = await needsGate(run, recipe);
  // Whether it was delivered already was looked up before it went to wait.
  if (asksGate && claim.waitedAtGate) await passEarly(run);
  await ownResult(run, row, destination);
  const found = listed === undefined ? undefined : await preparing(() => endWhenThere(listed));
  const isStored = found?.isStored === true;
  const common = { row, recipe, stepPricesUsd, destination, isStored };
  // Asked before the photo is read: nothing is paid for that could not be stored, and what is paid is not fetched.
  if (isPaid) context.destinations.check(spec, row.destination);
  else await context.destinations.prove(spec, row.destination);
  if (asksGate) await passEarly(run);
  /** What was paid for is delivered, also where its source has gone. */
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
    throw sourceFault(run, error);
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
  // For a portrait that was called for, `store` checks the key again before it writes.
  const taken = run.receipt.turns.length > 0 ? undefined : whyTaken(there, row.destination, destination, spec);
  if (taken !== undefined) throw run.settleAs("destination_taken", taken);
  const { probe, plan } = await preparing(() => planPhoto(context, provider, source, signal));
  if (plan.kind === "refuse") return withoutSource(run.settleAs(plan.code, plan.message));
  if (probe.kind !== "picture") throw run.settleAs("invalid_image", "the source's kind of picture could not be read");
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
    plan,
    destination,
    inputKeys,
  };
  // What is sent may be smaller than the source; a result is measured by what was sent.
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

/** Why nothing is delivered of a photo that another one took the place of. */
export const SOURCE_CHANGED =
  "the photo at this place was replaced, or written anew, while it was worked on; what was made of the earlier one is not delivered";

/** Whether the provider itself fetches the photo from its store, at a time that nobody knows. */
function isFetchedFrom(
  place: PhotoPlace,
  plan: PicturePlan,
  { accepts }: Pick<LaneContext["provider"], "accepts">,
): boolean {
  return plan.kind === "as-is" && accepts.by.includes("url") && !(place instanceof URL);
}

/** What is ordered already stays what it was. */
function withVersion(order: Order, version: string | undefined): Order {
  const { photo } = order;
  return photo.version !== undefined || version === undefined ? order : { ...order, photo: { ...photo, version } };
}

/** Whether a paid call comes next; where Redis may have forgotten one, the provider's memory is asked before. */
async function needsGate(run: PortraitRun, { steps }: Recipe): Promise<boolean> {
  return needsCall(run.receipt, steps.length) && !(await run.mayBeBehind());
}

/** Where the destination may keep the picture converted: the same for every run of this portrait with this photo. */
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

/** What a source that cannot be read means for its portrait; passing faults of the store go on as they are. */
function sourceFault(run: PortraitRun, error: unknown): unknown {
  if (isDarkroomError(error, "storage_not_found") || isDarkroomError(error, "not_found")) {
    return run.settleAs("source_missing", messageOf(error));
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
