import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Number of characters buffered before they are written. */
const WRITE_CHARS = 256 * 1_024;

/** Pads a number to seven digits, so that names sort by number. */
export function pad(index: number): string {
  return String(index).padStart(7, "0");
}

/** Writes a text file of very many lines in constant memory. */
export async function writeLines(
  path: string,
  rows: number,
  head: string,
  line: (row: number) => string,
): Promise<void> {
  const file = createWriteStream(path);
  let text = head;
  for (let row = 0; row < rows; row += 1) {
    text += line(row);
    if (text.length < WRITE_CHARS) continue;
    if (!file.write(text)) await once(file, "drain");
    text = "";
  }
  file.end(text);
  await once(file, "close");
}

/** Writes files to a local folder without the store, for a prefix of very many keys. */
export async function writeSmallFiles(folder: string, count: number): Promise<void> {
  const perFolder = 1_000;
  for (let start = 0; start < count; start += perFolder) {
    const group = join(folder, `group-${pad(start / perFolder)}`);
    await mkdir(group, { recursive: true });
    const many = Array.from({ length: Math.min(perFolder, count - start) }, (_, place) => start + place);
    await Promise.all(many.map((index) => writeFile(join(group, `p${pad(index)}.jpg`), `photo ${index}`)));
  }
}
