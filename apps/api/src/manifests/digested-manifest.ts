import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import type { UploadedManifest } from "@darkroom/intake";

/** An uploaded manifest whose digest is computed while it is read. */
export interface DigestedManifest {
  readonly upload: UploadedManifest;
  /** Returns the SHA-256 of the bytes read so far, in hex. */
  digest(): string;
}

/** Computes the digest of a manifest on its way to the store, so that a repeated request can be compared. */
export function digestedManifest({ format, body }: UploadedManifest): DigestedManifest {
  const hash = createHash("sha256");
  async function* watched(): AsyncGenerator<Uint8Array> {
    for await (const chunk of body as AsyncIterable<Uint8Array>) {
      hash.update(chunk);
      yield chunk;
    }
  }
  return {
    upload: { format, body: Readable.from(watched(), { objectMode: false }) },
    digest: () => hash.copy().digest("hex"),
  };
}

/**
 * Reads an uploaded manifest to its end.
 *
 * @returns its SHA-256 in hex
 */
export async function digestOfManifest({ body }: UploadedManifest): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of body as AsyncIterable<Uint8Array>) hash.update(chunk);
  return hash.digest("hex");
}
