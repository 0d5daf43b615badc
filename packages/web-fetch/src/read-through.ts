import { createHash, type Hash } from "node:crypto";
import type { Readable } from "node:stream";
import { DarkroomError, type ErrorCode, type SourceIdentity } from "@darkroom/core";

/** How much of a photo is kept when it is read through. */
export interface KeptEnds {
  readonly firstBytes: number;
  readonly lastBytes: number;
}

/** A photo that was read through. */
export interface ReadThrough {
  /** By its content. */
  readonly identity: SourceIdentity;
  readonly first: Uint8Array;
  readonly last: Uint8Array;
}

/**
 * Hashes a body and keeps how it begins and ends.
 *
 * @throws DarkroomError `storage_invalid` where it has more bytes
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
  }
  return { identity: identityOf(hash, sizeBytes), first, last };
}

/** The identity of a photo of which all is here, by its content. */
export function contentIdentity(bytes: Uint8Array): SourceIdentity {
  return identityOf(createHash("sha256").update(bytes), bytes.length);
}

/** Another photo is there than the one that was looked at: whoever comes again looks at that one. */
export function replacedMeanwhile(code: ErrorCode): DarkroomError {
  return new DarkroomError(code, "the photo was replaced while it was read", { retryable: true });
}

function identityOf(hash: Hash, sizeBytes: number): SourceIdentity {
  return { etag: hash.digest("hex").slice(0, 32), sizeBytes };
}
