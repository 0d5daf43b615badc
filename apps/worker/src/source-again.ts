import { messageOf, type BatchSpec } from "@darkroom/core";
import { lookAtSource, type SourceLook } from "@darkroom/imaging";
import { photoPlace } from "@darkroom/manifest";
import { readAll } from "@darkroom/web-fetch";
import { beginsAlike } from "./beginning.ts";
import type { WorkerContext } from "./context.ts";
import type { Prepared } from "./prepare.ts";

/** The parts of a worker that reading a source takes. */
type SourceReading = Pick<WorkerContext, "openStore" | "remoteSources" | "log">;

/** A larger source is not read a second time; providers take no such file anyway. */
const MOST_COMPARED_BYTES = 64 * 1_024 * 1_024;

/**
 * Reads the source again when its result is there, to compare the two and to carry its metadata over: thousands of
 * portraits wait for their provider at once, and nothing of their pictures is held meanwhile. A source that is gone or
 * has changed since is no fault: then only what was known of it before counts.
 *
 * @returns undefined where the source was gone already when the portrait was prepared
 */
export async function lookAgain(
  context: SourceReading,
  batchSource: BatchSpec["source"],
  { row, source }: Pick<Prepared, "row" | "source">,
  signal: AbortSignal,
): Promise<SourceLook | undefined> {
  if (source === undefined) return undefined;
  const known = { width: source.probe.width, height: source.probe.height };
  if (source.sizeBytes > MOST_COMPARED_BYTES) return known;
  try {
    const bytes = await readWhole(context, batchSource, row, signal);
    if (bytes.length !== source.sizeBytes || !beginsAlike(bytes, source.beginning)) return known;
    const look = await lookAtSource(bytes);
    if (look === undefined) return known;
    // What was sent counts: a photo that was scaled down first comes back no larger, and one that was made sRGB has no
    // other colours.
    const { icc, ...rest } = look;
    const isOther = source.isConverted && source.probe.traits.hasForeignProfile;
    return { ...rest, ...known, ...(icc === undefined || isOther ? {} : { icc }) };
  } catch (error) {
    signal.throwIfAborted();
    context.log.debug({ portrait: row.index }, `the source was not compared with its result: ${messageOf(error)}`);
    return known;
  }
}

async function readWhole(
  context: SourceReading,
  batchSource: BatchSpec["source"],
  row: Prepared["row"],
  signal: AbortSignal,
): Promise<Uint8Array> {
  const place = photoPlace(context.openStore, batchSource, row);
  if (place instanceof URL) return await context.remoteSources.whole(place, signal);
  const { body } = await place.store.get(place.key, { signal });
  return await readAll(body, MOST_COMPARED_BYTES);
}
