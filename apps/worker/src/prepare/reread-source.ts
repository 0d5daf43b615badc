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
import type { Prepared } from "./prepared.ts";

/** Dependencies for reading a source. */
type SourceReading = Pick<WorkerContext, "openStore" | "remoteSources" | "log">;

/** A larger source is not read again, because no provider accepts such a file. */
const MOST_COMPARED_BYTES = 64 * 1_024 * 1_024;

/**
 * Reads the source again when its result arrives, to detect a replaced photo, compare the two, and copy metadata. Not
 * kept from the first read, because waiting portraits hold no pictures. A source that is gone is not compared. If a
 * source is temporarily unreadable, the portrait waits.
 *
 * @returns `changed` when the place now holds another photo, so the provider may have seen either one; undefined when
 *   the source was already gone in `prepare`
 * @throws errors that {@link mayBeReadLater} accepts
 */
export async function rereadSource(
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
      // Without an ETag, size and modification time are compared.
      const now = head?.etag === "" ? { ...head, etag: order.photo.etag } : head;
      return now === undefined || isSamePhoto(order.photo, now) ? known : "changed";
    }
    const read = await readWhole(context, place, source.sizeBytes, signal);
    if (read === undefined || !isSamePhoto(order.photo, read.identity)) return "changed";
    const look = await lookAtSource(read.bytes).catch((error: unknown) => {
      context.log.warn(
        { portrait: row.index },
        `the source could not be decoded for the comparison: ${messageOf(error)}`,
      );
      return undefined;
    });
    if (look === undefined) return known;
    // The result is compared with the photo as sent: at its scaled size, and without a profile that sRGB replaced.
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
 * True when the source of a paid picture may become readable again. Only after a permanent error, such as a deleted
 * photo, is a picture delivered without a comparison.
 */
export function mayBeReadLater(error: unknown): boolean {
  return !isDarkroomError(error) || error.retryable;
}

/** A broken connection is no evidence against the photo. */
function passing(error: unknown): DarkroomError {
  if (isDarkroomError(error)) return error;
  const message = `the source could not be read again: ${messageOf(error)}`;
  return new DarkroomError("storage_unavailable", message, { retryable: true, cause: error });
}

/** Returns undefined when the content exceeds its reserved memory, because the photo was then replaced. */
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
  const bytes = await readWithin(body, sizeBytes, info.sizeBytes);
  if (bytes === undefined) return undefined;
  return { bytes, identity: info.etag === "" ? { ...contentIdentity(bytes), version: info.version } : info };
}
