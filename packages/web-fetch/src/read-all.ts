import type { Readable } from "node:stream";
import { DarkroomError } from "@darkroom/core";

/**
 * Reads a complete stream. Returns undefined and destroys the stream if the stream is longer than `maxBytes`.
 *
 * @param sizeBytes the announced size. If given, the stream is read into one buffer, because many chunks and a copy of
 *   them would make V8 collect its whole heap for every picture. If absent, the read briefly needs twice the memory.
 */
export async function readWithin(stream: Readable, maxBytes: number, sizeBytes?: number): Promise<Buffer | undefined> {
  const whole = sizeBytes === undefined ? undefined : Buffer.allocUnsafe(Math.min(sizeBytes, maxBytes));
  /** Chunks that do not fit into `whole`. */
  const rest: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    const copied = whole === undefined || bytes >= whole.length ? 0 : chunk.copy(whole, bytes);
    if (copied < chunk.length) rest.push(chunk.subarray(copied));
    bytes += chunk.length;
    if (bytes > maxBytes) {
      stream.destroy();
      return undefined;
    }
  }
  if (whole === undefined) return Buffer.concat(rest, bytes);
  return rest.length === 0 ? whole.subarray(0, bytes) : Buffer.concat([whole, ...rest], bytes);
}

/**
 * Reads a complete stream like {@link readWithin}.
 *
 * @throws DarkroomError `storage_invalid` if the stream is longer than `maxBytes`
 */
export async function readAll(stream: Readable, maxBytes: number, sizeBytes?: number): Promise<Buffer> {
  const bytes = await readWithin(stream, maxBytes, sizeBytes);
  if (bytes === undefined) throw new DarkroomError("storage_invalid", `the answer is larger than ${maxBytes} bytes`);
  return bytes;
}
