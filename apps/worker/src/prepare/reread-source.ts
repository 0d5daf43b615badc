import {
  DarkroomError,
  isDarkroomError,
  isSamePhoto,
  messageOf,
  type BatchSpec,
  type OrderedPhoto,
} from "@darkroom/core";
import { lookAtSource, type SourceLook } from "@darkroom/imaging";
import { findPhoto, type PhotoPlace } from "@darkroom/manifest";
import { contentIdentity, readWithin } from "@darkroom/web-fetch";
import type { WorkerContext } from "../run/worker-context.ts";
import type { Prepared } from "./prepare.ts";

/** The parts of a worker that reading a source takes. */
type SourceReading = Pick<WorkerContext, "openStore" | "remoteSources" | "log">;

/** A larger source is not read a second time; providers take no such file anyway. */
const MOST_COMPARED_BYTES = 64 * 1_024 * 1_024;

/**
 * Reads the source again when its result is there: to know that it is still the photo that was ordered, to compare the
 * two, and to carry its metadata over. Thousands of portraits wait for their provider at once, and nothing of their
 * pictures is held meanwhile. A source that has gone since is no fault: then only what was known of it before counts. One
 * that cannot be read at present is waited for: nothing is delivered that could not be compared for a passing fault.
 *
 * @returns `changed` where another photo is at its place now, and the provider may have seen either; undefined where the
 *   source was gone already when the portrait was prepared
 * @throws what {@link mayBeReadLater} says yes to
 */
export async function lookAgain(
  context: SourceReading,
  batchSource: BatchSpec["source"],
  { row, source, order }: Pick<Prepared, "row" | "source" | "order">,
  signal: AbortSignal,
): Promise<SourceLook | "changed" | undefined> {
  if (source === undefined) return undefined;
  const known = { width: source.probe.width, height: source.probe.height };
  try {
    const place = await findPhoto(context.openStore, batchSource, row);
    if (source.sizeBytes > MOST_COMPARED_BYTES) {
      const head = place instanceof URL ? undefined : await place.store.head(place.key);
      // Without an ETag, size and time of writing tell.
      const now = head?.etag === "" ? { ...head, etag: order.photo.etag } : head;
      return now === undefined || isSamePhoto(order.photo, now) ? known : "changed";
    }
    const read = await readWhole(context, place, source.sizeBytes, signal);
    if (read === undefined || !isSamePhoto(order.photo, read.identity)) return "changed";
    const look = await lookAtSource(read.bytes).catch((error: unknown) => {
      context.log.warn({ portrait: row.index }, `the source could not be decoded again: ${messageOf(error)}`);
      return undefined;
    });
    if (look === undefined) return known;
    // What was sent counts: a photo that was scaled down first comes back no larger, and one that was made sRGB has no
    // other colours.
    const { icc, ...rest } = look;
    const isOther = source.isConverted && source.probe.traits.hasForeignProfile;
    return { ...rest, ...known, ...(icc === undefined || isOther ? {} : { icc }) };
  } catch (error) {
    signal.throwIfAborted();
    if (mayBeReadLater(error)) throw passing(error);
    context.log.warn({ portrait: row.index }, `the source was not compared with its result: ${messageOf(error)}`);
    return known;
  }
}

/**
 * Whether the source of a paid picture may be read a little later. Only a fault that is known to stay (the photo is gone,
 * or its store refuses it) lets a picture be delivered that was compared with nothing.
 */
export function mayBeReadLater(error: unknown): boolean {
  return !isDarkroomError(error) || error.retryable;
}

/** A connection that broke while a photo was read says nothing of what it is. */
function passing(error: unknown): DarkroomError {
  if (isDarkroomError(error)) return error;
  const message = `the source could not be read again: ${messageOf(error)}`;
  return new DarkroomError("storage_unavailable", message, { retryable: true, cause: error });
}

/** Undefined where it has more bytes than memory was set aside for: it is another photo then. */
async function readWhole(
  { remoteSources }: SourceReading,
  place: PhotoPlace,
  sizeBytes: number,
  signal: AbortSignal,
): Promise<{ readonly bytes: Uint8Array; readonly identity: OrderedPhoto } | undefined> {
  if (place instanceof URL) {
    const bytes = await remoteSources.whole(place, sizeBytes, signal).catch((error: unknown) => {
      if (isDarkroomError(error, "storage_invalid")) return undefined;
      throw error;
    });
    return bytes === undefined ? undefined : { bytes, identity: contentIdentity(bytes) };
  }
  const { info, body } = await place.store.get(place.key, { signal });
  const bytes = await readWithin(body, sizeBytes);
  if (bytes === undefined) return undefined;
  return { bytes, identity: info.etag === "" ? { ...contentIdentity(bytes), version: info.version } : info };
}
