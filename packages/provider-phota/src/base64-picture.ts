/** Decoded chunks are collected in blocks of this size, so that a picture does not consist of thousands of chunks. */
const BLOCK_BYTES = 256 * 1_024;

/** A picture that arrives as base64 text and is decoded chunk by chunk, so its text is never completely in memory. */
export class Base64Picture {
  #blocks: Buffer[] = [];
  #block: Buffer = Buffer.alloc(0);
  #filled = 0;
  #rest = "";
  #sizeBytes = 0;

  /** Bytes decoded so far. */
  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  add(text: string): void {
    const joined = this.#rest + text;
    const whole = joined.length - (joined.length % 4);
    this.#rest = joined.slice(whole);
    this.#decode(joined.slice(0, whole));
  }

  /** Returns the picture. No more data can be added after that. */
  end(): Uint8Array {
    this.#decode(this.#rest);
    const picture = Buffer.concat([...this.#blocks, this.#block.subarray(0, this.#filled)]);
    this.#blocks = [];
    this.#block = Buffer.alloc(0);
    return picture;
  }

  #decode(text: string): void {
    if (text === "") return;
    if (this.#block.length - this.#filled < text.length) {
      if (this.#filled > 0) this.#blocks.push(this.#block.subarray(0, this.#filled));
      this.#block = Buffer.allocUnsafe(Math.max(BLOCK_BYTES, text.length));
      this.#filled = 0;
    }
    const written = this.#block.write(text, this.#filled, "base64");
    this.#filled += written;
    this.#sizeBytes += written;
  }
}
