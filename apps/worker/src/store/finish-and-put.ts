import {
  faceScoresText,
  formatOfKey,
  givenPictureText,
  lastCall,
  outcomeOfAnswer,
  pictureStatsText,
  releaseBytes,
  RESULT_METADATA,
  whatLies,
  type C2paFate,
  type FaceScores,
  type Outcome,
  type OutcomeCode,
  type PictureStats,
} from "@darkroom/core";
import { finishResult, type FinishRequest } from "@darkroom/imaging";
import { confirmClaim } from "../claims/confirm-claim.ts";
import { forgetReplaced, noteDelivery } from "../delivered/delivery-notes.ts";
import { whyTaken } from "../delivered/inspect-key.ts";
import { profileWarnings, type Enhanced, type OfferedPicture } from "../enhance/enhanced-pictures.ts";
import { compareFaces, isRefused } from "../faces/compare-faces.ts";
import { hasHead } from "../prepare/head-digest.ts";
import { SOURCE_CHANGED } from "../prepare/prepare.ts";
import { rereadSource } from "../prepare/reread-source.ts";
import { resultFailed } from "../run/after-failure.ts";
import type { PreparedRun } from "../run/portrait-run.ts";
import type { RunEnding } from "../run/run-ending.ts";
import { c2paFate } from "./c2pa-fate.ts";
import { givenPictures, markOfPhoto } from "./given-pictures.ts";
import { faultyLook, whoseFault } from "./judge-result.ts";
import { keepPicture } from "./keep-pictures.ts";
import { measure } from "./measure.ts";
import { marksOf } from "./result-marks.ts";
import { storeDeliveries } from "./store-deliveries.ts";
import type { ResultTarget } from "./store-extra.ts";
import { storeThumbnails } from "./store-thumbnails.ts";
import { storeVariations, type StoredVariations } from "./store-variations.ts";
import { givenOfStored, sharedMessage, comparePicture, withFurther, type ComparedPicture } from "./compare-picture.ts";

/** The pictures of an answer, with the main picture in memory. */
export interface FetchedPictures extends Pick<Enhanced, "knownSubjects" | "kind"> {
  /** All links, the main picture's first. Undefined if the answer had no links. */
  readonly urls?: readonly string[];
  /** The main picture. */
  readonly bytes: Buffer;
  readonly further: readonly OfferedPicture[];
  /** Memory reserved for each picture. */
  readonly roomBytes: number;
}

type Finished = Extract<Awaited<ReturnType<typeof finishResult>>, { readonly ok: true }>;

/** Checks and finishes the main picture, stores it with its cuts, then stores the variations. */
export async function finishAndPut(run: PreparedRun, fetched: FetchedPictures): Promise<RunEnding> {
  const checked = await checkMain(run, fetched);
  if ("ending" in checked) return checked.ending;
  const { finished, checks, photo } = checked;
  const taken = run.prepared.isStored ? undefined : await takenMeanwhile(run);
  if (taken !== undefined) return settled(run, "destination_taken", taken);
  const take = (bytes: Uint8Array, place: number): Promise<ComparedPicture> =>
    comparePicture(run, givenPictures(photo, bytes, fetched.urls?.[place]));
  const picture = run.prepared.isStored ? await givenOfStored(run.prepared) : await take(fetched.bytes, 0);
  if (picture?.sharedWith !== undefined) {
    const message = `${await sharedMessage(run, picture.sharedWith)} Nothing was stored; look at the other one, too`;
    return settled(run, "shared_picture", message, { picture: picture.given });
  }
  const face = await compareFaces(run, checks.source, finished.bytes);
  if (isRefused(run.prepared, face)) {
    return settled(run, "not_alike", face.reasons.join("; "), { face, ...(picture && { picture: picture.given }) });
  }
  const target = targetOf(run);
  const main = await putMain(run, target, { finished, picture, face });
  await storeThumbnails(run, { source: checks.source, digest: main.digest, result: finished });
  const variations = await putVariations(run, target, { fetched, checks, take });
  releasePictures(run, fetched, { checks, finished });
  const { knownSubjects } = fetched;
  const warnings = [
    ...finished.warnings,
    ...profileWarnings(run.prepared.row.profileIds, knownSubjects),
    ...variations.warnings,
    ...main.warnings,
  ];
  const undelivered = [...variations.undelivered, ...main.undelivered];
  return settled(run, "ok", "", {
    destination: run.prepared.row.destination,
    ...(undelivered.length === 0 ? {} : { undelivered }),
    ...(variations.keys.length === 0 ? {} : { variations: variations.keys }),
    ...(main.deliveries.length === 0 ? {} : { deliveries: main.deliveries }),
    ...(knownSubjects === undefined ? {} : { knownSubjects }),
    ...(warnings.length === 0 ? {} : { warnings }),
    ...(finished.distance === undefined ? {} : { distance: finished.distance }),
    ...(main.stats === undefined ? {} : { stats: main.stats }),
    ...(face === undefined ? {} : { face }),
    c2pa: main.c2pa,
    ...(picture === undefined ? {} : { picture: withFurther(picture.given, variations.digests) }),
  });
}

/**
 * Frees the photo and its result, which are no longer needed. Two kinds of buffers are left to the garbage collector:
 * those sent by an S3 client, because a socket may still hold them, and pictures within an answer, because a retried
 * store reads them again.
 */
function releasePictures(
  { prepared: { destination } }: PreparedRun,
  { kind, bytes }: FetchedPictures,
  { checks: { source }, finished }: { readonly checks: Pick<FinishRequest, "source">; readonly finished: Finished },
): void {
  if (source?.bytes !== undefined) releaseBytes(source.bytes);
  const isSent = destination.kind === "s3";
  const isSame = finished.bytes.buffer === bytes.buffer;
  if (!isSent && !isSame) releaseBytes(finished.bytes);
  if (kind === "urls" && !(isSent && isSame)) releaseBytes(bytes);
}

function settled({ receipt }: PreparedRun, code: OutcomeCode, message: string, seen: Partial<Outcome> = {}): RunEnding {
  return { kind: "settle", outcome: { ...outcomeOfAnswer(receipt, code, message), ...seen } };
}

/** A main picture ready to store, or the ending of a run without one. */
type CheckedMain =
  | { readonly ending: RunEnding }
  | {
      readonly finished: Finished;
      readonly checks: Omit<FinishRequest, "resultBytes">;
      /** Identifies the source photo. */
      readonly photo: string;
    };

/** Compares the main picture with its source and finishes it. */
async function checkMain(run: PreparedRun, fetched: FetchedPictures): Promise<CheckedMain> {
  const { context, claim, prepared, signal } = run;
  const { row, recipe, source } = prepared;
  const { bytes } = fetched;
  if (source !== undefined && bytes.length === source.sizeBytes && hasHead(bytes, source.head)) {
    return {
      ending: faulty(run, fetched, { code: "unchanged_output", message: "the provider returned the source unchanged" }),
    };
  }
  const again = await rereadSource(context, claim.spec.source, prepared, signal);
  // A stored main picture has already been compared.
  if (again === "changed" && !prepared.isStored) return { ending: settled(run, "source_changed", SOURCE_CHANGED) };
  const look = again === "changed" ? undefined : again;
  const checks = {
    ...(look === undefined ? {} : { source: look }),
    wishedFormat: formatOfKey(row.destination),
    leastShare: recipe.output.leastShare,
  };
  const finished = await finishResult({ ...checks, resultBytes: bytes, measure: true });
  if (!finished.ok) return { ending: faulty(run, fetched, finished) };
  return { finished, checks, photo: markOfPhoto(prepared.order.photo, look) };
}

/**
 * Decides how the run ends with an unusable picture: the portrait fails if the provider is at fault. Otherwise the
 * picture is fetched again.
 */
function faulty(
  run: PreparedRun,
  { bytes, kind }: FetchedPictures,
  { code, message }: { readonly code: OutcomeCode; readonly message: string },
): RunEnding {
  const seen = { ...faultyLook(bytes), showsSource: code === "unchanged_output" };
  const before = lastCall(run.receipt)?.outputs?.faulty;
  if (kind === "pictures" || whoseFault(before, seen) === "provider") return settled(run, code, message);
  return run.take(resultFailed(run.receipt, { code, message, gone: true, digest: seen.digest }, run.limits));
}

/** Explains why the main picture may not be stored, if another file took its key in the meantime. */
async function takenMeanwhile({ claim: { spec }, prepared }: PreparedRun): Promise<string | undefined> {
  const { destination, row, wanted } = prepared;
  const head = await destination.head(row.destination);
  return whyTaken({ what: whatLies(head, wanted), head }, row.destination, destination, spec);
}

function targetOf(run: PreparedRun): ResultTarget {
  const { claim, lane, prepared, signal } = run;
  const { row, recipe, wanted, destination } = prepared;
  const { spec, round } = claim;
  return {
    destination,
    row,
    wanted,
    overwrite: spec.destination.overwrite ?? false,
    marks: marksOf({ batchId: spec.id, row, ...wanted, recipe, provider: lane.provider.name, round }),
    signal,
    confirm: () => confirmClaim(run),
  };
}

interface StoredMain {
  /** Keys of the stored cuts. */
  readonly deliveries: readonly string[];
  readonly warnings: readonly string[];
  /** Ordered cuts that could not be stored at their keys. */
  readonly undelivered: readonly string[];
  readonly stats: PictureStats | undefined;
  readonly c2pa: C2paFate;
  /** SHA-256 of the picture. */
  readonly digest: string;
}

/** Stores the cuts of the main picture, then the picture itself. */
async function putMain(
  run: PreparedRun,
  target: ResultTarget,
  made: {
    readonly finished: Finished;
    readonly picture: ComparedPicture | undefined;
    readonly face: FaceScores | undefined;
  },
): Promise<StoredMain> {
  const { context, claim, prepared, signal } = run;
  const { row, recipe, destination, ordered } = prepared;
  const { spec } = claim;
  const { finished, picture, face } = made;
  const { bytes, contentType } = finished;
  const cuts = await storeDeliveries(target, recipe.output.deliveries ?? [], bytes);
  const stats = finished.stats ?? (await measure(context, bytes));
  const c2pa = await c2paFate(run, finished);
  const marks = target.marks(bytes);
  const metadata = {
    ...marks,
    ...(ordered === undefined ? {} : { [RESULT_METADATA.ordered]: ordered }),
    ...(picture === undefined ? {} : { [RESULT_METADATA.given]: givenPictureText(picture.given) }),
    ...(stats === undefined ? {} : { [RESULT_METADATA.stats]: pictureStatsText(stats) }),
    ...(face === undefined ? {} : { [RESULT_METADATA.face]: faceScoresText(face) }),
    [RESULT_METADATA.c2pa]: c2pa,
  };
  if (!prepared.isStored) {
    await forgetReplaced(context, spec, prepared);
    if (cuts.keys.length > 0 || spec.schedule !== undefined) await target.confirm();
    await destination.put(row.destination, bytes, { contentType, signal, metadata });
  }
  await noteDelivery(context, spec, row, { metadata });
  const { keys: deliveries, warnings, undelivered } = cuts;
  return { deliveries, warnings, undelivered, stats, c2pa, digest: marks[RESULT_METADATA.sha256] ?? "" };
}

/**
 * Stores the variations. Retries a failing link, because the variation is paid for and no run follows after the
 * portrait has ended.
 *
 * @throws RunEnded to retry a variation
 */
async function putVariations(
  run: PreparedRun,
  target: ResultTarget,
  made: {
    readonly fetched: FetchedPictures;
    readonly checks: Omit<FinishRequest, "resultBytes">;
    readonly take: (bytes: Uint8Array, place: number) => Promise<ComparedPicture>;
  },
): Promise<StoredVariations> {
  const { further, roomBytes } = made.fetched;
  const compare = async (bytes: Uint8Array, number: number) => {
    const { given, sharedWith } = await made.take(bytes, number - 1);
    return sharedWith === undefined ? { given } : { given, shared: await sharedMessage(run, sharedWith) };
  };
  const wished = run.prepared.recipe.output.variations ?? 1;
  const keep = (bytes: Uint8Array) => keepPicture(run, bytes);
  const pictures = { pictures: further, roomBytes, compare, keep };
  const variations = await storeVariations(target, wished, pictures, made.checks);
  if (variations.failing !== undefined) {
    const wait = resultFailed(run.receipt, { message: variations.failing, gone: false }, run.limits);
    // When no retries are left, the outcome lists the variation as undelivered.
    if (wait.ending.kind === "later") throw run.endWith(wait);
  }
  return variations;
}
