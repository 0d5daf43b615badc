import { sha256 } from "@darkroom/core";

/**
 * Length and hash of a photo's first bytes. Kept in place of the bytes, because thousands of portraits wait in memory.
 */
export interface HeadDigest {
  readonly bytes: number;
  /** SHA-256 in hex. */
  readonly hash: string;
}

export function headDigestOf(firstBytes: Uint8Array): HeadDigest {
  return { bytes: firstBytes.length, hash: sha256(firstBytes) };
}

/** True when the other bytes start with the same content. */
export function hasHead(other: Uint8Array, { bytes, hash }: HeadDigest): boolean {
  return other.length >= bytes && headDigestOf(other.subarray(0, bytes)).hash === hash;
}
