import { Readable } from "node:stream";
import { DarkroomError } from "@darkroom/core";

/** Largest uploaded photo. */
export const MAX_PHOTO_BYTES = 100 * 1_024 * 1_024;
/** Number of bytes that identify a picture. */
const FIRST_BYTES = 4_096;

export interface PictureBody {
  /** By content, never by name. */
  readonly contentType: string;
  readonly sizeBytes: number;
  readonly body: Readable;
}

/**
 * Reads the start of a file and checks that the file is a picture. The rest is streamed.
 *
 * @param length the `Content-Length` of the request
 * @throws DarkroomError `invalid_input` for a file that is no picture or too large. The request stays readable.
 */
export async function pictureBody(raw: Readable, length: string | undefined): Promise<PictureBody> {
  const sizeBytes = Number(length ?? Number.NaN);
  if (!Number.isInteger(sizeBytes)) throw refused("The request has no Content-Length.");
  if (sizeBytes > MAX_PHOTO_BYTES) {
    throw refused(`The photo is larger than ${MAX_PHOTO_BYTES / 1_024 / 1_024} MiB. Save it smaller.`);
  }
  const { sniffContent } = await import("@darkroom/imaging/sniff-content");
  const chunks = raw.iterator({ destroyOnReturn: false }) as AsyncGenerator<Buffer>;
  let first = Buffer.alloc(0);
  while (first.length < FIRST_BYTES) {
    const next = await chunks.next();
    if (next.done === true) break;
    first = Buffer.concat([first, next.value]);
  }
  const content = sniffContent(first);
  if (content.kind === "other") {
    await chunks.return(undefined);
    throw refused(`${content.message.replace(/^the/, "The")}.`);
  }
  const body = Readable.from(joined(first, chunks), { objectMode: false });
  return { contentType: content.contentType, sizeBytes, body };
}

async function* joined(first: Buffer, rest: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  yield first;
  yield* rest;
}

function refused(message: string): DarkroomError {
  return new DarkroomError("invalid_input", message, { field: "body" });
}
