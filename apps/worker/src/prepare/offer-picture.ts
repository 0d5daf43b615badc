import { Readable } from "node:stream";
import { type ObjectStore, type OrderedPhoto, isSamePhoto } from "@darkroom/core";
import {
  convertPicture,
  previewOf,
  type ConversionPlan,
  type ConvertedPicture,
  type PicturePlan,
} from "@darkroom/imaging";
import type { PictureBytes } from "@darkroom/provider-kit";
import { readAll, replacedMeanwhile } from "@darkroom/web-fetch";
import { checkConverted, checkPhoto } from "../faces/check-photo.ts";
import type { PortraitRun } from "../run/portrait-run.ts";
import { RunEnded } from "../run/run-ending.ts";
import { linkTo, linkSeconds } from "./link-to.ts";
import type { PhotoPlace } from "@darkroom/manifest";
import { openPhoto, type SourcePhoto } from "./source-photo.ts";
import { uploadPicture } from "./upload-picture.ts";
import type { Offer } from "./prepared.ts";

/** A photo to send to the provider. */
export interface OfferedPhoto {
  readonly place: PhotoPlace;
  /** The photo's identity when it was read, and when it was ordered. */
  readonly identity: OrderedPhoto;
  readonly sizeBytes: number;
  /** If false, the provider gets a web link only as a last resort. */
  readonly hasPlainLink: boolean;
  readonly contentType: string;
  readonly longerSidePx: number;
  /** Peak memory for reading and decoding it. */
  readonly workBytes: number;
  readonly plan: Exclude<PicturePlan, { kind: "refuse" }>;
  readonly destination: ObjectStore;
  /** Keys of possible converted copies in the destination, by content type. */
  readonly inputKeys: Readonly<Partial<Record<ConversionPlan["to"][number], string>>>;
}

/** One photo for one call. */
interface Errand {
  readonly run: PortraitRun;
  readonly photo: OfferedPhoto;
}

/**
 * Makes a photo available to the provider, converted if necessary: by link if possible, otherwise through the
 * provider's storage, otherwise inside the request. Ends the run if none works, or
 * if the photo shows no face.
 */
export async function offerPicture(run: PortraitRun, photo: OfferedPhoto): Promise<Offer> {
  const errand: Errand = { run, photo };
  if (photo.plan.kind !== "as-is") return await offerConverted(errand, photo.plan);
  await checkPhoto(run, { ...photo, read: async () => await (await reopen(errand)).whole() });
  return await offerSource(errand);
}

async function offerSource(errand: Errand): Promise<Offer> {
  const { run, photo } = errand;
  const { context, lane, signal } = run;
  const { place, sizeBytes, contentType } = photo;
  const { accepts } = lane.provider;
  const takesOther = lane.provider.upload !== undefined || accepts.by.includes("bytes");
  if (accepts.by.includes("url") && (photo.hasPlainLink || !takesOther)) {
    const { etag } = photo.identity;
    const imageUrl =
      place instanceof URL
        ? place.href
        : await linkTo(place.store, place.key, { expiresInSeconds: linkSeconds(run.timing), etag });
    if (imageUrl !== undefined) return { imageUrl };
  }
  if (lane.provider.upload !== undefined) {
    const upload = async (): Promise<string> => {
      const bytes = await (await reopen(errand)).whole();
      return await uploadPicture(run, { bytes, contentType });
    };
    return { imageUrl: await context.pictureMemory.use(2 * sizeBytes, upload, signal) };
  }
  if (accepts.by.includes("bytes")) {
    const open =
      place instanceof URL
        ? async () => Readable.from([await fetched(errand, place)])
        : async () => await openSame(place, photo.identity, signal);
    return { imageBytes: { sizeBytes, open } };
  }
  throw noWay(errand);
}

async function offerConverted(errand: Errand, plan: ConversionPlan): Promise<Offer> {
  const { run, photo } = errand;
  const { context, lane, signal } = run;
  const { accepts } = lane.provider;
  const byLink = accepts.by.includes("url") && (await canLink(errand));
  if (!byLink && lane.provider.upload !== undefined) {
    const work = async (): Promise<string> => {
      const picture = await convert(errand, plan);
      return await uploadPicture(run, picture);
    };
    return { imageUrl: await context.pictureMemory.use(plan.workBytes, work, signal) };
  }
  if (!byLink && !accepts.by.includes("bytes")) throw noWay(errand);
  const { key, sizeBytes } = (await keptInput(errand)) ?? (await keepConverted(errand, plan));
  const imageUrl = byLink
    ? await linkTo(photo.destination, key, { expiresInSeconds: linkSeconds(run.timing) })
    : undefined;
  return imageUrl === undefined ? { imageBytes: bytesAt(photo.destination, key, sizeBytes, signal) } : { imageUrl };
}

interface KeptInput {
  readonly key: string;
  readonly sizeBytes: number;
}

/** Finds the converted picture that an earlier run stored. */
async function keptInput({ run, photo }: Errand): Promise<KeptInput | undefined> {
  const { destination, workBytes, longerSidePx } = photo;
  for (const key of Object.values(photo.inputKeys)) {
    const head = await destination.head(key);
    if (head === undefined) continue;
    const read = async () => await readAll((await destination.get(key)).body, head.sizeBytes, head.sizeBytes);
    await checkPhoto(run, { read, workBytes, longerSidePx });
    return head;
  }
  return undefined;
}

async function keepConverted(errand: Errand, plan: ConversionPlan): Promise<KeptInput> {
  const { photo, run } = errand;
  const { context, signal } = run;
  const work = async (): Promise<KeptInput> => {
    const { bytes, contentType } = await convert(errand, plan);
    const key = photo.inputKeys[contentType] ?? "";
    await photo.destination.put(key, bytes, { contentType, signal });
    return { key, sizeBytes: bytes.length };
  };
  return await context.pictureMemory.use(plan.workBytes, work, signal);
}

async function convert(errand: Errand, plan: ConversionPlan): Promise<Extract<ConvertedPicture, { ok: true }>> {
  const { run } = errand;
  const { context, lane, claim } = run;
  const bytes = await (await reopen(errand)).whole();
  const converted = await convertPicture(bytes, plan, lane.provider.accepts);
  if (!converted.ok) throw run.settleAs(converted.code, converted.message);
  if ((context.thumbnails || context.faces.isAvailable) && errand.photo.contentType === "image/heic") {
    run.preview = await previewOf(converted.bytes).catch(() => undefined);
  }
  await checkConverted(run, converted.bytes, errand.photo.longerSidePx);
  context.log.debug(
    { batch: claim.spec.id, portrait: claim.index, reasons: plan.reasons, contentType: converted.contentType },
    "picture converted for the provider",
  );
  return converted;
}

/**
 * Opens the photo again, because a waiting portrait holds no bytes of it. If the photo was replaced in the meantime,
 * the portrait restarts with the new photo.
 */
async function reopen({ run, photo }: Errand): Promise<SourcePhoto> {
  const opened = await openPhoto(run.context, photo.place, run.signal);
  if (isSamePhoto(opened, photo.identity)) return opened;
  const message = "the photo was replaced before it was sent";
  throw new RunEnded({ kind: "later", reason: "source", delayMs: 0, message });
}

async function canLink({ run, photo }: Errand): Promise<boolean> {
  const [key] = Object.values(photo.inputKeys);
  const expiresInSeconds = linkSeconds(run.timing);
  return key !== undefined && (await linkTo(photo.destination, key, { expiresInSeconds })) !== undefined;
}

/** @throws DarkroomError when the place now holds another photo */
async function openSame(
  { store, key }: Exclude<PhotoPlace, URL>,
  ordered: OrderedPhoto,
  signal: AbortSignal,
): Promise<Readable> {
  const { info, body } = await store.get(key, { signal });
  // Without an ETag, only the size is compared here. The content is compared before the result is stored.
  const now = info.etag === "" ? { ...info, etag: ordered.etag } : info;
  if (isSamePhoto(now, ordered)) return body;
  body.destroy();
  throw replacedMeanwhile("storage_unavailable");
}

async function fetched({ run, photo }: Errand, place: URL): Promise<Uint8Array> {
  return await run.context.remoteSources.whole(place, photo.sizeBytes, run.signal);
}

function bytesAt(store: ObjectStore, key: string, sizeBytes: number, signal: AbortSignal): PictureBytes {
  return { sizeBytes, open: async () => (await store.get(key, { signal })).body };
}

function noWay({ run }: Errand): RunEnded {
  const message =
    `${run.lane.provider.name} fetches pictures by URL but this one has none: set DARKROOM_PUBLIC_URL to an address at which ` +
    "it reaches the API, or put the photos into S3";
  return run.settleAs("source_unreadable", message);
}
