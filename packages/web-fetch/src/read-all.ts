import type { Readable } from "node:stream";
import { DarkroomError, releaseBytes } from "@darkroom/core";

/**
 * Reads a complete stream. Returns undefined and destroys the stream if the stream is longer than `maxBytes`.
 *
 * Takes ownership of the chunks of a byte stream, such as a file or a socket, and frees the chunks once they are copied
 * (see `releaseBytes`). A stream of objects, such as `Readable.from([bytes])`, keeps its chunks.
 *
 * @param sizeBytes the announced size. If given, the stream is read into one buffer. If absent, the read briefly needs
 *   twice the memory.
 */
export async function readWithin(stream: Readable, maxBytes: number, sizeBytes?: number): Promise<Buffer | undefined> {
  const release = stream.readableObjectMode ? (): void => undefined : releaseBytes;
  const whole = sizeBytes === undefined ? undefined : Buffer.allocUnsafe(Math.min(sizeBytes, maxBytes));
  /** Chunks that do not fit into `whole`. */
  const rest: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    const { length } = chunk;
    const copied = whole === undefined || bytes >= whole.length ? 0 : chunk.copy(whole, bytes);
    if (copied < length) rest.push(chunk.subarray(copied));
    else release(chunk);
    bytes += length;
    if (bytes > maxBytes) {
      stream.destroy();
      return undefined;
    }
  }
  if (whole !== undefined && rest.length === 0) return whole.subarray(0, bytes);
  const joined = Buffer.concat(whole === undefined ? rest : [whole, ...rest], bytes);
  for (const chunk of rest) release(chunk);
  return joined;
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
