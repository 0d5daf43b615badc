import { looksCut, planPicture, probePicture, type PicturePlan, type Probe } from "@darkroom/imaging";
import type { Provider } from "@darkroom/provider-kit";
import type { WorkerContext } from "../run/worker-context.ts";
import type { SourcePhoto } from "./source-photo.ts";

/** Minimum size of the second read for a header. */
const LEAST_MORE_BYTES = 512 * 1_024;
const MOST_MORE_BYTES = 4 * 1_024 * 1_024;
/** A picture without a header at its start is read completely up to this size. */
const MOST_WHOLE_BYTES = 150_000_000;
/** Peak memory of a read as a multiple of the body: the chunks and then the joined buffer. */
const READING_FACTOR = 2;

export interface PhotoPlan {
  readonly probe: Probe;
  readonly plan: PicturePlan;
}

/** Reads as much of a photo as its probe needs, and decides how to send it. */
export async function planPhoto(
  context: Pick<WorkerContext, "pictureMemory">,
  { accepts }: Pick<Provider, "accepts">,
  photo: SourcePhoto,
  signal: AbortSignal,
): Promise<PhotoPlan> {
  const probe = await probePhoto(context, photo, signal);
  const plan = planPicture(probe, accepts);
  if (plan.kind !== "as-is" || probe.kind !== "picture") return { probe, plan };
  const isCut = looksCut(probe.contentType, photo.firstBytes, await photo.lastBytes(), photo.sizeBytes);
  return { probe, plan: isCut ? planPicture(probe, accepts, true) : plan };
}

async function probePhoto(
  { pictureMemory }: Pick<WorkerContext, "pictureMemory">,
  photo: SourcePhoto,
  signal: AbortSignal,
): Promise<Probe> {
  const { firstBytes, sizeBytes } = photo;
  const first = await probePicture(firstBytes, sizeBytes);
  if (first.kind !== "need_more") return first;
  const again = async (bytes: number): Promise<Probe> =>
    await pictureMemory.use(
      READING_FACTOR * bytes,
      async () => await probePicture(bytes < sizeBytes ? await photo.more(bytes) : await photo.whole(), sizeBytes),
      signal,
    );
  const second = await again(Math.min(Math.max(first.bytes, LEAST_MORE_BYTES), MOST_MORE_BYTES, sizeBytes));
  if (second.kind !== "need_more" || sizeBytes > MOST_WHOLE_BYTES) return second;
  // A TIFF directory may be at the end of the file, and the HEIC reader needs the whole file.
  return await again(sizeBytes);
}
