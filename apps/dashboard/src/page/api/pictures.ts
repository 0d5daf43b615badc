/** The source or the result of a portrait. */
export type Side = "source" | "result";

const base = (batchId: string, index: number): string =>
  `/v1/batches/${encodeURIComponent(batchId)}/portraits/${index}`;

let shown = 0;

/**
 * Returns a number for a picture that is shown from now on. As a part of its address, the number keeps the browser from
 * showing the portrait's earlier result again.
 */
export function newlyShown(): number {
  shown += 1;
  return shown;
}

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
