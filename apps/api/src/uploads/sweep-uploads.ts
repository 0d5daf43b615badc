import type { Services } from "../services.ts";

const EVERY_MS = 10 * 60_000;
/** Delay of the next check of the photos of an existing batch, and of photos that could not be deleted. */
const AGAIN_MS = 24 * 3_600_000;

type Needs = Pick<Services, "uploads" | "uploadPlaces" | "ledger">;

/** Deletes the photos of expired uploads that have no batch. Returns the number of deleted uploads. */
export async function sweepUploads({ uploads, uploadPlaces, ledger }: Needs): Promise<number> {
  for (let deleted = 0; ;) {
    const upload = await uploads.takeExpired();
    if (upload === undefined) return deleted;
    try {
      const batchId = await uploads.batchOf(upload);
      if (batchId !== undefined && (await ledger.read(batchId)) !== undefined) {
        await uploads.putBack(upload, AGAIN_MS);
        continue;
      }
      await uploadPlaces.deletePhotos(upload);
      await uploads.forget(upload);
      deleted += 1;
    } catch (error) {
      await uploads.putBack(upload, AGAIN_MS);
      throw error;
    }
  }
}

/** Sweeps regularly. Returns a function that stops. */
export function keepSweeping(needs: Needs, onError: (error: unknown) => void): () => void {
  let sweeping = Promise.resolve();
  const timer = setInterval(() => {
    sweeping = sweeping.then(async () => void (await sweepUploads(needs))).catch(onError);
  }, EVERY_MS);
  timer.unref();
  return () => clearInterval(timer);
}
