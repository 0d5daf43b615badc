import { Readable, Transform } from "node:stream";
import { DarkroomError } from "@darkroom/core";

/** The complaint about a body that is not as long as its `sizeBytes` said. */
export function wrongLength(what: string, expectedBytes: number, seenBytes: number): DarkroomError {
  const seen = seenBytes > expectedBytes ? `more than ${expectedBytes}` : `${seenBytes}`;
  const message = `${what}: its body was said to have ${expectedBytes} bytes and has ${seen}; nothing was stored`;
  return new DarkroomError("storage_invalid", message);
}

/** Tells a body's own failure, which is the caller's business, from one of the store. */
export function watchBody(body: Uint8Array | Readable): (error: unknown) => boolean {
  const failures = new Set<unknown>();
  if (body instanceof Readable) body.once("error", (error) => failures.add(error));
  return (error) => failures.has(error);
}

/** `body`, failing when it ends before or goes on after `sizeBytes`; its errors come through. */
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
