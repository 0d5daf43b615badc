import { looksCut, planPicture, probePicture, type PicturePlan, type Probe } from "@darkroom/imaging";
import type { Provider } from "@darkroom/provider-kit";
import type { WorkerContext } from "../run/worker-context.ts";
import type { SourcePhoto } from "./source-photo.ts";

/** The second look for a header reads at least this much, and no more than that. */
const LEAST_MORE_BYTES = 512 * 1_024;
const MOST_MORE_BYTES = 4 * 1_024 * 1_024;
/** What has no header at its beginning is read whole up to this. */
const MOST_WHOLE_BYTES = 150_000_000;
/** Reading a body holds its chunks and then the whole. */
const READING_FACTOR = 2;

export interface PhotoPlan {
  readonly probe: Probe;
  readonly plan: PicturePlan;
}

/** Looks at a photo, as far as it must be read for that, and decides what has to happen to it. */
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
  // TIFF's directory may be at its end, and HEIC's reader wants to see everything.
  return await again(sizeBytes);
}
