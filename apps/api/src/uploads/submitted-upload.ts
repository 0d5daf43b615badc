import { DarkroomError, type BatchSource, type Submission } from "@darkroom/core";
import { makersTenant, ownTenant, type Caller } from "../access/caller.ts";
import type { Services } from "../services.ts";
import type { Upload } from "./upload-book.ts";
import type { UploadPlaces } from "./upload-places.ts";

/** A submission's claim of an upload. */
export interface UploadClaim {
  /** Called with the id just before the batch is created. */
  readonly note: (batchId: string) => Promise<void>;
}

/**
 * Claims the upload that a submission reads, if it reads one. The photos are then kept as long as the batch.
 *
 * @throws DarkroomError `not_found` for an unknown, expired or foreign upload, `conflict` if it already has a batch
 */
export async function claimUpload(
  { uploads, uploadPlaces, ledger }: Pick<Services, "uploads" | "uploadPlaces" | "ledger">,
  caller: Caller,
  { source, baseUrl }: Pick<Submission, "source" | "baseUrl">,
): Promise<UploadClaim | undefined> {
  const upload = uploadOf(uploadPlaces, caller, { source, baseUrl });
  if (upload === undefined) return undefined;
  if (!(await uploads.prolong(upload))) throw noSuchUpload();
  const earlier = await uploads.batchOf(upload);
  if (earlier !== undefined && (await ledger.read(earlier)) !== undefined) {
    const message = `These photos already belong to the batch ${earlier}. Drop them again for another batch.`;
    throw new DarkroomError("conflict", message, { field: "source" });
  }
  return { note: (batchId) => uploads.setBatch(upload, batchId) };
}

/**
 * Returns the upload that a submission reads; undefined if it reads none.
 *
 * @throws DarkroomError `not_found` for a foreign upload, `forbidden` for a tenant's place that contains all uploads
 */
export function uploadOf(
  places: UploadPlaces,
  caller: Caller,
  { source, baseUrl }: Pick<Submission, "source" | "baseUrl">,
): Upload | undefined {
  const found = [source, baseUrl].map((url) => (url === undefined ? undefined : placeOf(places, url)));
  if (ownTenant(caller) !== undefined) {
    if (found.includes("other")) throw noSuchUpload();
    if (found.includes("around")) throw othersUploads();
  }
  const uploads = found.filter((place) => typeof place === "object");
  if (uploads.some(({ tenant }) => tenant !== makersTenant(caller))) throw noSuchUpload();
  return uploads.at(-1);
}

function othersUploads(): DarkroomError {
  const message = "This place also contains photos that others have uploaded. Name a narrower one.";
  return new DarkroomError("forbidden", message, { field: "source" });
}

/**
 * Rejects a schedule of uploaded photos, because they belong to one batch and are deleted with it.
 *
 * @throws DarkroomError `invalid_input`
 */
export function checkNoUpload(
  { uploadPlaces }: Pick<Services, "uploadPlaces">,
  { source, baseUrl }: Pick<Submission, "source" | "baseUrl">,
): void {
  const urls = [source, baseUrl].filter((url) => url !== undefined);
  if (urls.every((url) => placeOf(uploadPlaces, url) === undefined)) return;
  const message =
    "Photos that were dropped on the page are there, and each belongs to one batch. A schedule needs another place.";
  throw new DarkroomError("invalid_input", message, { field: "submission.source" });
}

/** Leaves the error of an invalid URL to the submission's own check. */
function placeOf(places: UploadPlaces, url: string): ReturnType<UploadPlaces["read"]> {
  try {
    return places.read(url);
  } catch {
    return undefined;
  }
}

/** Deletes the photos of a batch that were uploaded for it. Returns false if the batch has none. */
export async function deleteUploadOf(
  source: BatchSource,
  { uploads, uploadPlaces }: Pick<Services, "uploads" | "uploadPlaces">,
): Promise<boolean> {
  const upload = uploadPlaces.ofSource(source);
  if (upload === undefined) return false;
  await uploadPlaces.deletePhotos(upload);
  await uploads.forget(upload);
  return true;
}

export function noSuchUpload(): DarkroomError {
  return new DarkroomError("not_found", "There is no such upload, or its time is over. Drop the photos again.", {
    field: "source",
  });
}
