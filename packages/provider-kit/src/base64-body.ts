import { BodyUnreadable, type StreamedBody } from "./streamed-body.ts";
import type { PictureBytes } from "./provider.ts";

/** Number of bytes of a picture encoded at a time. A multiple of three, so that only the last chunk is padded. */
const PIECE_BYTES = 48 * 1_024;

/** Builds the body of a JSON object with a picture as base64 in one field. `rest` contains the other fields. */
export function base64Body(
  field: string,
  picture: PictureBytes,
  rest: Readonly<Record<string, unknown>>,
): StreamedBody {
  const others = JSON.stringify(rest).slice(1, -1);
  const head = Buffer.from(`{${JSON.stringify(field)}:"`);
  const tail = Buffer.from(`"${others === "" ? "" : `,${others}`}}`);
  return {
    sizeBytes: head.length + 4 * Math.ceil(picture.sizeBytes / 3) + tail.length,
    async *open() {
      yield head;
      yield* asBase64(picture);
      yield tail;
    },
  };
}

async function* asBase64(picture: PictureBytes): AsyncGenerator<Buffer> {
  let left = picture.sizeBytes;
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of (await picture.open()) as AsyncIterable<Uint8Array>) {
    left -= chunk.length;
    if (left < 0) break;
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
    const joined = rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
    const whole = joined.length - (joined.length % 3);
    for (let start = 0; start < whole; start += PIECE_BYTES) {
      yield Buffer.from(joined.toString("base64", start, Math.min(whole, start + PIECE_BYTES)), "latin1");
    }
    rest = Buffer.from(joined.subarray(whole));
  }
  if (left !== 0) throw new BodyUnreadable("the picture's size has changed since it was inspected");
  if (rest.length > 0) yield Buffer.from(rest.toString("base64"), "latin1");
}
