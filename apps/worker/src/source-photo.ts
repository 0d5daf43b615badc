import type { ObjectHead } from "@darkroom/core";
import { LAST_BYTES } from "@darkroom/imaging";
import type { photoPlace } from "@darkroom/manifest";
import { readAll, type RemotePhoto } from "@darkroom/web-fetch";
import type { WorkerContext } from "./context.ts";

/** An object of a store, or a link on the web. */
export type PhotoPlace = ReturnType<typeof photoPlace>;

/** Enough for the header of nearly every picture. */
const FIRST_BYTES = 64 * 1_024;

/** A photo of which little is held; the rest is read when it is asked for. */
export type SourcePhoto = RemotePhoto;

/** Reads a photo's identity and first bytes. Throws as the store or the web does. */
export async function openPhoto(
  { remoteSources }: Pick<WorkerContext, "remoteSources">,
  place: PhotoPlace,
  signal: AbortSignal,
): Promise<SourcePhoto> {
  if (place instanceof URL)
    return await remoteSources.open(place, { firstBytes: FIRST_BYTES, lastBytes: LAST_BYTES }, signal);
  const read = async (start: number, end: number): Promise<{ info: ObjectHead; data: Uint8Array }> => {
    const { info, body } = await place.store.get(place.key, { range: { start, end }, signal });
    return { info, data: await readAll(body, end - start + 1) };
  };
  const { info, data: firstBytes } = await read(0, FIRST_BYTES - 1);
  const { etag, sizeBytes } = info;
  return {
    etag,
    sizeBytes,
    firstBytes,
    more: async (bytes) => (await read(0, bytes - 1)).data,
    lastBytes: async () =>
      sizeBytes <= firstBytes.length
        ? firstBytes.subarray(-LAST_BYTES)
        : (await read(sizeBytes - LAST_BYTES, sizeBytes - 1)).data,
    whole: async () => (await read(0, Math.max(sizeBytes, 1) - 1)).data,
  };
}
