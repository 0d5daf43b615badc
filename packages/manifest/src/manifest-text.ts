import { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { TextDecoder } from "node:util";
import { isDarkroomError } from "@darkroom/core";
import { ANSI_NOTE, AnsiOrUtf8Decoder } from "./ansi-text.ts";
import { badManifest } from "./manifest-record.ts";

/** Number of bytes inspected to tell text from binary. */
const SNIFFED_BYTES = 4_096;
/** Rows of larger pieces would survive the garbage collector's young generation and grow the heap. */
const PIECE_BYTES = 32_768;

type Bytes = AsyncIterable<Uint8Array>;

/**
 * Decodes a manifest: unpacks gzip, removes the byte order mark, and accepts UTF-8, UTF-16 with a mark (Excel's
 * "Unicode text") and Windows-1252. Other invalid bytes become U+FFFD.
 *
 * @param onNote called when the text is read as Windows-1252; if omitted, Windows-1252 is not accepted
 * @throws DarkroomError `invalid_input` for an empty file, a workbook, a picture or another binary file
 */
export async function* manifestText(body: Bytes, onNote?: (note: string) => void): AsyncGenerator<string> {
  let { head, rest } = await peek(body);
  if (startsWith(head, [0x1f, 0x8b])) ({ head, rest } = await peek(gunzipped(rest)));
  const decoder = decoderFor(head, onNote);
  for await (const bytes of rest) {
    for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
      const text = decoder.decode(bytes.subarray(at, at + PIECE_BYTES), { stream: true });
      if (text !== "") yield text;
    }
  }
  const tail = decoder.decode();
  if (tail !== "") yield tail;
}

function decoderFor(head: Uint8Array, onNote?: (note: string) => void): Pick<TextDecoder, "decode"> {
  if (head.length === 0) throw badManifest("the manifest is empty; it needs a header line and one line per photo");
  if (startsWith(head, [0x50, 0x4b, 0x03, 0x04]) || startsWith(head, [0xd0, 0xcf, 0x11, 0xe0])) {
    throw badManifest(`the manifest is ${archiveName(head)}; save the sheet as "CSV UTF-8" and send that`);
  }
  if (startsWith(head, [0xff, 0xfe])) return new TextDecoder("utf-16le");
  if (startsWith(head, [0xfe, 0xff])) return new TextDecoder("utf-16be");
  if (head.includes(0)) {
    throw badManifest("the manifest is not a text file; save it as CSV or JSONL in UTF-8");
  }
  if (onNote === undefined || startsWith(head, [0xef, 0xbb, 0xbf])) return new TextDecoder("utf-8");
  return new AnsiOrUtf8Decoder(() => onNote(ANSI_NOTE));
}

/** Returns the type of a zip archive, or of an Office file before 2007. Programs write the identifying entry first. */
function archiveName(head: Uint8Array): string {
  const text = Buffer.from(head).toString("latin1");
  if (text.includes("opendocument.spreadsheet")) return "an OpenDocument spreadsheet (.ods)";
  if (text.includes("Index/") && text.includes(".iwa")) return "a Numbers spreadsheet";
  return "an Excel workbook or a zip archive";
}

function startsWith(bytes: Uint8Array, magic: readonly number[]): boolean {
  return magic.every((byte, i) => bytes[i] === byte);
}

/** Returns the first bytes of a body, and the whole body. */
async function peek(body: Bytes): Promise<{ head: Uint8Array; rest: Bytes }> {
  const iterator = body[Symbol.asyncIterator]();
  const taken: Uint8Array[] = [];
  let size = 0;
  while (size < SNIFFED_BYTES) {
    const next = await iterator.next();
    if (next.done === true) break;
    taken.push(next.value);
    size += next.value.length;
  }
  return { head: Buffer.concat(taken).subarray(0, SNIFFED_BYTES), rest: rejoined(taken, iterator) };
}

async function* rejoined(
  taken: readonly Uint8Array[],
  iterator: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  try {
    yield* taken;
    for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) yield next.value;
  } finally {
    await iterator.return?.();
  }
}

async function* gunzipped(body: Bytes): AsyncGenerator<Uint8Array> {
  const compressed = Readable.from(body, { objectMode: false });
  const gunzip = createGunzip();
  compressed.on("error", (error) => gunzip.destroy(error));
  compressed.pipe(gunzip);
  try {
    for await (const bytes of gunzip) yield bytes as Uint8Array;
  } catch (error) {
    if (isDarkroomError(error) || !isZlibError(error)) throw error;
    throw badManifest("the manifest's gzip file is damaged or truncated; upload it again", error);
  } finally {
    compressed.destroy();
    gunzip.destroy();
  }
}

function isZlibError(error: unknown): boolean {
  return error instanceof Error && "code" in error && typeof error.code === "string" && error.code.startsWith("Z_");
}
