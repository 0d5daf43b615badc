import { sha256 } from "@darkroom/core";

/** How a photo begins, in a few bytes: thousands of portraits wait for their provider at once. */
export interface HeadDigest {
  readonly bytes: number;
  /** SHA-256 in hex. */
  readonly hash: string;
}

export function headDigestOf(firstBytes: Uint8Array): HeadDigest {
  return { bytes: firstBytes.length, hash: sha256(firstBytes) };
}

/** Whether other bytes begin as these did. */
export function hasHead(other: Uint8Array, { bytes, hash }: HeadDigest): boolean {
  return other.length >= bytes && headDigestOf(other.subarray(0, bytes)).hash === hash;
}
