import { Readable, Transform } from "node:stream";
import { DarkroomError } from "@darkroom/core";

/** Returns the error of a body whose length differs from its `sizeBytes`. */
export function wrongLength(what: string, expectedBytes: number, seenBytes: number): DarkroomError {
  const seen = seenBytes > expectedBytes ? `more than ${expectedBytes}` : `${seenBytes}`;
  const message = `${what}: its body was declared with ${expectedBytes} bytes but has ${seen}; nothing was stored`;
  return new DarkroomError("storage_invalid", message);
}

/** Distinguishes a body's own error, which the caller caused, from a store's. */
export function watchBody(body: Uint8Array | Readable): (error: unknown) => boolean {
  const failures = new Set<unknown>();
  if (body instanceof Readable) body.once("error", (error) => failures.add(error));
  return (error) => failures.has(error);
}

/** Wraps `body` and fails when its length is not `sizeBytes`. Passes the body's own errors through. */
export function sizedBody(body: Readable, sizeBytes: number, what: string): Readable {
  let seenBytes = 0;
  const sized = new Transform({
    transform(chunk: Uint8Array, _, done) {
      seenBytes += chunk.byteLength;
      if (seenBytes > sizeBytes) done(wrongLength(what, sizeBytes, seenBytes));
      else done(null, chunk);
    },
    flush(done) {
      done(seenBytes === sizeBytes ? null : wrongLength(what, sizeBytes, seenBytes));
    },
  });
  body.once("error", (error) => sized.destroy(error));
  body.once("close", () => {
    if (!body.readableEnded && !sized.destroyed) sized.destroy(wrongLength(what, sizeBytes, seenBytes));
  });
  sized.once("close", () => body.destroy());
  return body.pipe(sized);
}
