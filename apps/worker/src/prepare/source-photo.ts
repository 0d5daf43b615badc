import { isSamePhoto, type ObjectHead, type OrderedPhoto } from "@darkroom/core";
import { LAST_BYTES } from "@darkroom/imaging";
import type { PhotoPlace } from "@darkroom/manifest";
import { contentIdentity, readAll, readThrough, replacedMeanwhile, type RemotePhoto } from "@darkroom/web-fetch";
import type { WorkerContext } from "../run/worker-context.ts";

/** An object in a store. */
type ObjectPlace = Exclude<PhotoPlace, URL>;

/** Contains the header of nearly every picture. */
const FIRST_BYTES = 64 * 1_024;
const ENDS = { firstBytes: FIRST_BYTES, lastBytes: LAST_BYTES };

/**
 * A photo whose first and last bytes are in memory. Further bytes are read on demand, and a read fails if the photo was
 * replaced.
 */
export type SourcePhoto = RemotePhoto & OrderedPhoto;

/** Reads a photo's identity and first bytes. Throws the errors of the store or the web. */
export async function openPhoto(
  { remoteSources }: Pick<WorkerContext, "remoteSources">,
  place: PhotoPlace,
  signal: AbortSignal,
): Promise<SourcePhoto> {
  if (place instanceof URL) return await remoteSources.open(place, ENDS, signal);
  const { info, data: firstBytes } = await readRange(place, FIRST_BYTES, signal);
  if (info.etag === "") return await openByContent(place, signal);
  const { etag, sizeBytes, version } = info;
  const read = async (start: number, end: number): Promise<Uint8Array> => {
    const { info: now, body } = await place.store.get(place.key, { range: { start, end }, signal });
    if (!isSamePhoto(now, info)) {
      body.destroy();
      throw replacedMeanwhile("storage_unavailable");
    }
    return await readAll(body, end - start + 1, end - start + 1);
  };
  return {
    etag,
    sizeBytes,
    version,
    hasPlainLink: true,
    firstBytes,
    more: async (bytes) => await read(0, bytes - 1),
    lastBytes: async () =>
      sizeBytes <= firstBytes.length
        ? firstBytes.subarray(-LAST_BYTES)
        : await read(sizeBytes - LAST_BYTES, sizeBytes - 1),
    whole: async () => await read(0, Math.max(sizeBytes, 1) - 1),
  };
}

/**
 * The same for a store without ETags: hashes the whole content, because two photos of equal size would look identical.
 */
async function openByContent(place: ObjectPlace, signal: AbortSignal): Promise<SourcePhoto> {
  const { info, body } = await place.store.get(place.key, { signal });
  const { identity, first, last } = await readThrough(body, ENDS, info.sizeBytes);
  return {
    ...identity,
    version: info.version,
    hasPlainLink: true,
    firstBytes: first,
    more: async (bytes) => (await readRange(place, bytes, signal)).data,
    lastBytes: () => Promise.resolve(last),
    whole: async () => {
      const { data } = await readRange(place, Math.max(identity.sizeBytes, 1), signal);
      if (!isSamePhoto(contentIdentity(data), identity)) throw replacedMeanwhile("storage_unavailable");
      return data;
    },
  };
}

async function readRange(
  { store, key }: ObjectPlace,
  bytes: number,
  signal: AbortSignal,
): Promise<{ readonly info: ObjectHead; readonly data: Uint8Array }> {
  const { info, body } = await store.get(key, { range: { start: 0, end: bytes - 1 }, signal });
  return { info, data: await readAll(body, bytes) };
}
