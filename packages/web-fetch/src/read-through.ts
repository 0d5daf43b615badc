import { createHash, type Hash } from "node:crypto";
import type { Readable } from "node:stream";
import { DarkroomError, releaseBytes, type ErrorCode, type SourceIdentity } from "@darkroom/core";

/** Number of bytes to keep from a photo's start and end. */
export interface KeptEnds {
  readonly firstBytes: number;
  readonly lastBytes: number;
}

/** A photo that was read completely. */
export interface ReadThrough {
  /** Derived from the content. */
  readonly identity: SourceIdentity;
  readonly first: Uint8Array;
  readonly last: Uint8Array;
}

/**
 * Hashes a body and returns its first and last bytes. Frees the body's chunks, like `readWithin`.
 *
 * @throws DarkroomError `storage_invalid` if the body has more bytes
 */
export async function readThrough(
  body: Readable,
  { firstBytes, lastBytes }: KeptEnds,
  maxBytes: number,
): Promise<ReadThrough> {
  const hash = createHash("sha256");
  let [first, last] = [Buffer.alloc(0), Buffer.alloc(0)];
  let sizeBytes = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    if (sizeBytes > maxBytes) {
      body.destroy();
      throw new DarkroomError("storage_invalid", `the answer is larger than ${maxBytes} bytes`);
    }
    hash.update(chunk);
    if (first.length < firstBytes) first = Buffer.concat([first, chunk.subarray(0, firstBytes - first.length)]);
    last = Buffer.concat([last, chunk.subarray(-lastBytes)]).subarray(-lastBytes);
    if (!body.readableObjectMode) releaseBytes(chunk);
  }
  return { identity: identityOf(hash, sizeBytes), first, last };
}

/** Returns the content identity of a photo that is completely in memory. */
export function contentIdentity(bytes: Uint8Array): SourceIdentity {
  return identityOf(createHash("sha256").update(bytes), bytes.length);
}

/** The error for a photo that was replaced since it was inspected. The next run inspects the new one. */
export function replacedMeanwhile(code: ErrorCode): DarkroomError {
  return new DarkroomError(code, "the photo was replaced while it was being read", { retryable: true });
}

function identityOf(hash: Hash, sizeBytes: number): SourceIdentity {
  return { etag: hash.digest("hex").slice(0, 32), sizeBytes };
}
