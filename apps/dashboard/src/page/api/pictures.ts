/** Which picture of a portrait. */
export type Side = "source" | "result";

const base = (batchId: string, index: number): string =>
  `/v1/batches/${encodeURIComponent(batchId)}/portraits/${index}`;

/** A small WebP for the sheet. */
export function thumbnailUrl(batchId: string, index: number, side: Side): string {
  return `${base(batchId, index)}/thumbnail?of=${side}`;
}

/** The picture itself. */
export function pictureUrl(batchId: string, index: number, side: Side): string {
  return `${base(batchId, index)}/picture?of=${side}`;
}
