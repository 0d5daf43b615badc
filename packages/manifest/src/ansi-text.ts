import { TextDecoder } from "node:util";

/** The note about a manifest in a character set other than UTF-8. */
export const ANSI_NOTE =
  'The manifest is not UTF-8: it is read as Windows-1252, as Excel saves "CSV" on Windows. Check names with accents, or save it as "CSV UTF-8".';

const LONGEST_SEQUENCE = 4;
/** Letters and Word's punctuation: the first non-ASCII characters that occur in Windows-1252 text. */
const ANSI_MARKS = new Set([0x80, 0x82, 0x84, 0x85, 0x91, 0x92, 0x93, 0x94, 0x96, 0x97]);

/**
 * Decodes text that is either UTF-8 or Windows-1252. The first non-ASCII byte decides, because a non-ASCII byte of
 * Windows-1252 text rarely starts a valid UTF-8 sequence. Text that starts as UTF-8 stays UTF-8, and its invalid bytes
 * become U+FFFD.
 */
export class AnsiOrUtf8Decoder {
  readonly #onAnsi: () => void;
  #decoder: TextDecoder | undefined;
  #held = Buffer.alloc(0);

  constructor(onAnsi: () => void) {
    this.#onAnsi = onAnsi;
  }

  decode(bytes?: Uint8Array, options: { readonly stream?: boolean } = {}): string {
    if (this.#decoder !== undefined) return this.#decoder.decode(bytes, options);
    const all = Buffer.concat([this.#held, bytes ?? new Uint8Array()]);
    const first = all.findIndex((byte) => byte >= 0x80);
    if (first === -1) {
      this.#held = Buffer.alloc(0);
      return all.toString("latin1");
    }
    if (options.stream === true && all.length - first < LONGEST_SEQUENCE) {
      this.#held = all.subarray(first);
      return all.toString("latin1", 0, first);
    }
    const isAnsi = !beginsUtf8(all.subarray(first, first + LONGEST_SEQUENCE)) && isAnsiByte(all[first] ?? 0);
    if (isAnsi) this.#onAnsi();
    this.#decoder = new TextDecoder(isAnsi ? "windows-1252" : "utf-8");
    this.#held = Buffer.alloc(0);
    return this.#decoder.decode(all, options);
  }
}

function isAnsiByte(byte: number): boolean {
  return byte >= 0xa0 || ANSI_MARKS.has(byte);
}

function beginsUtf8(bytes: Uint8Array): boolean {
  for (let length = 2; length <= bytes.length; length += 1) {
    try {
      new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(0, length));
      return true;
    } catch {
      continue;
    }
  }
  return false;
}
