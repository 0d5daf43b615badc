import type { SnapshotRow } from "@darkroom/core";

const INITIAL_BYTES = 262_144;
/** Maximum UTF-8 bytes per UTF-16 code unit. */
const BYTES_A_UNIT = 3;

/**
 * Serializes rows as JSON lines of a snapshot part, into a buffer that is reused for the next part. Callers can drop a
 * row once it is added, so row objects are short-lived.
 */
export class RowLines {
  #buffer = Buffer.allocUnsafeSlow(INITIAL_BYTES);
  #length = 0;
  #rows = 0;

  static of(rows: readonly SnapshotRow[]): RowLines {
    const lines = new RowLines();
    for (const row of rows) lines.add(row);
    return lines;
  }

  get rows(): number {
    return this.#rows;
  }

  add(row: SnapshotRow): void {
    const line = `${JSON.stringify(row)}\n`;
    this.#reserve(this.#length + line.length * BYTES_A_UNIT);
    this.#length += this.#buffer.write(line, this.#length);
    this.#rows += 1;
  }

  /** Valid until the next {@link add} or {@link clear}. */
  bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.#length);
  }

  clear(): void {
    this.#length = 0;
    this.#rows = 0;
  }

  #reserve(bytes: number): void {
    if (bytes <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(bytes, this.#buffer.length * 2));
    larger.set(this.bytes());
    this.#buffer = larger;
  }
}
