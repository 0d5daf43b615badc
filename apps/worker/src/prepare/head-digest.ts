import { sha256 } from "@darkroom/core";

/** How a photo begins, in a few bytes: thousands of portraits wait for their provider at once. */
export interface Beginning {
  readonly bytes: number;
  /** SHA-256 in hex. */
  readonly hash: string;
}

export function beginningOf(firstBytes: Uint8Array): Beginning {
  return { bytes: firstBytes.length, hash: sha256(firstBytes) };
}

/** Whether other bytes begin as these did. */
export function beginsAlike(other: Uint8Array, { bytes, hash }: Beginning): boolean {
  return other.length >= bytes && beginningOf(other.subarray(0, bytes)).hash === hash;
}
