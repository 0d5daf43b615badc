import { messageOf, type BatchSpec } from "@darkroom/core";
import { lookAtSource, type SourceLook } from "@darkroom/imaging";
import { photoPlace } from "@darkroom/manifest";
import { beginsAlike } from "./beginning.ts";
import type { WorkerContext } from "./context.ts";
import type { Prepared } from "./prepare.ts";
import { openPhoto } from "./source-photo.ts";

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
  context: WorkerContext,
  batchSource: BatchSpec["source"],
  { row, source }: Pick<Prepared, "row" | "source">,
  signal: AbortSignal,
): Promise<SourceLook | undefined> {
  if (source === undefined) return undefined;
  const known = { width: source.probe.width, height: source.probe.height };
  if (source.sizeBytes > MOST_COMPARED_BYTES) return known;
  try {
    const photo = await openPhoto(context, photoPlace(context.openStore, batchSource, row), signal);
    const bytes = await photo.whole();
    if (bytes.length !== source.sizeBytes || !beginsAlike(bytes, source.beginning)) return known;
    const look = await lookAtSource(bytes);
    if (look === undefined || !source.isConverted) return look ?? known;
    // The provider got it smaller, perhaps, and in sRGB: its size and profile are not the source's.
    const { icc: _, ...converted } = look;
    return { ...converted, ...known };
  } catch (error) {
    signal.throwIfAborted();
    context.log.debug({ portrait: row.index }, `the source was not compared with its result: ${messageOf(error)}`);
    return known;
  }
}
