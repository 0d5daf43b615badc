import { Readable } from "node:stream";
import { DarkroomError, protocolMs } from "@darkroom/core";

/** Largest uploaded photo. */
export const MAX_PHOTO_BYTES = 100 * 1_024 * 1_024;
/** Longest silence of a client that sends a photo. */
const SILENCE_MS = protocolMs(30_000);
/** Slowest average rate of a client that sends a photo, after {@link SILENCE_MS}. */
const SLOWEST_BYTES_PER_S = 8 * 1_024;
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
 * @param beforeEnd called when all bytes have arrived; if it rejects, the body ends with its error
 * @throws DarkroomError `invalid_input` for a file that is not a picture, is too large or arrives too slowly; the body
 * fails with the same error. The request stays readable.
 */
export async function pictureBody(
  raw: Readable,
  length: string | undefined,
  beforeEnd: () => Promise<unknown>,
): Promise<PictureBody> {
  const sizeBytes = Number(length ?? Number.NaN);
  if (!Number.isInteger(sizeBytes)) throw refused("The request has no Content-Length.");
  if (sizeBytes > MAX_PHOTO_BYTES) {
    throw refused(`The photo is larger than ${MAX_PHOTO_BYTES / 1_024 / 1_024} MiB. Save it smaller.`);
  }
  const { sniffContent } = await import("@darkroom/imaging/sniff-content");
  const chunks = inTime(raw.iterator({ destroyOnReturn: false }) as AsyncIterator<Buffer>);
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
  const body = Readable.from(joined(first, chunks, beforeEnd), { objectMode: false });
  return { contentType: content.contentType, sizeBytes, body };
}

async function* joined(
  first: Buffer,
  rest: AsyncGenerator<Buffer>,
  beforeEnd: () => Promise<unknown>,
): AsyncGenerator<Buffer> {
  yield first;
  yield* rest;
  await beforeEnd();
}

/** Ends with an error when a client falls silent or sends too slowly. */
async function* inTime(chunks: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  const began = performance.now();
  let bytes = 0;
  try {
    for (;;) {
      const next = await within(chunks.next());
      if (next.done === true) return;
      yield next.value;
      bytes += next.value.length;
      const ms = performance.now() - began;
      if (ms > SILENCE_MS && bytes / (ms / 1_000) < SLOWEST_BYTES_PER_S) throw tooSlow();
    }
  } finally {
    // Not awaited, because it waits for the bytes that do not arrive.
    void chunks.return?.();
  }
}

async function within<T>(arrival: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(tooSlow()), SILENCE_MS);
  });
  try {
    return await Promise.race([arrival, silence]);
  } finally {
    clearTimeout(timer);
  }
}

function tooSlow(): DarkroomError {
  return new DarkroomError("invalid_input", "The photo arrives too slowly, or no more of it. Send it again.", {
    field: "body",
    retryable: true,
  });
}

function refused(message: string): DarkroomError {
  return new DarkroomError("invalid_input", message, { field: "body" });
}
