import type { Readable } from "node:stream";
import { DarkroomError } from "@darkroom/core";

/** Reads a stream whole. @throws DarkroomError `storage_invalid` when it is longer than `maxBytes` */
export async function readAll(stream: Readable, maxBytes: number): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) {
      stream.destroy();
      throw new DarkroomError("storage_invalid", `the answer is larger than ${maxBytes} bytes`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, bytes);
}
