import type { Readable } from "node:stream";
import { DarkroomError } from "@darkroom/core";

/**
 * Reads a whole stream; briefly needs twice its size in memory. Returns undefined and destroys the stream if it is
 * longer.
 */
export async function readWithin(stream: Readable, maxBytes: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) {
      stream.destroy();
      return undefined;
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, bytes);
}

/** The same. @throws DarkroomError `storage_invalid` if it is longer than `maxBytes` */
export async function readAll(stream: Readable, maxBytes: number): Promise<Uint8Array> {
  const bytes = await readWithin(stream, maxBytes);
  if (bytes === undefined) throw new DarkroomError("storage_invalid", `the answer is larger than ${maxBytes} bytes`);
  return bytes;
}
