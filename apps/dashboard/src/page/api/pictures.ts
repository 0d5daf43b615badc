/** The source or the result of a portrait. */
export type Side = "source" | "result";

const base = (batchId: string, index: number): string =>
  `/v1/batches/${encodeURIComponent(batchId)}/portraits/${index}`;

/** Returns the URL of a small WebP for the contact sheet. */
export function thumbnailUrl(batchId: string, index: number, side: Side): string {
  return `${base(batchId, index)}/thumbnail?of=${side}`;
}

/** Returns the URL that saves the full result. */
export function downloadUrl(batchId: string, index: number): string {
  return `${pictureUrl(batchId, index, "result")}&download=true`;
}

/** Returns the URL of the full picture. */
export function pictureUrl(batchId: string, index: number, side: Side): string {
  return `${base(batchId, index)}/picture?of=${side}`;
}
