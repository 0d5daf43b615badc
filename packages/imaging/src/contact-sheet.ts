import sharp, { type OverlayOptions } from "sharp";
import { DarkroomError, messageOf } from "@darkroom/core";
import { fittedText, textHeightPx, textPath } from "./bitmap-font.ts";

export interface ContactSheetPair {
  /** Encoded pictures in any format that sharp reads. */
  readonly before: Uint8Array;
  readonly after: Uint8Array;
  /** Drawn below the pair. A label that is too long is shortened in the middle. */
  readonly label: string;
  /** A warning for the user. The after picture gets a frame, and this text is drawn below the label. */
  readonly note?: string;
}

export interface ContactSheetOptions {
  /** Pairs per row. Defaults to 3, or fewer for fewer pairs. */
  readonly columns?: number;
  /** The width of one picture's cell, in px. The cell's height is at most 25 % larger. Defaults to 240. */
  readonly cellPx?: number;
  readonly title: string;
}

const MARGIN_PX = 40;
const PAIR_GAP_PX = 36;
/** Space between the two pictures of a pair. */
const INNER_GAP_PX = 6;
const LABEL_GAP_PX = 12;
const TITLE = { dotPx: 4, color: "#2b2b2b" };
const LEGEND = { dotPx: 2, color: "#7d7d7b" };
const LABEL = { dotPx: 2, color: "#4a4a49" };
const NOTE = { dotPx: 2, color: "#b3261e" };
const NOTE_GAP_PX = 6;
const FRAME_PX = 4;
const BACKGROUND = "#efefed";
const EMPTY_PLACE = "#e2e2df";
const TALLEST = 1.25;
/** A picture with more pixels is rejected as a decompression bomb. */
const MOST_PIXELS = 200_000_000;
/** Few programs open a sheet with a longer side. */
const LONGEST_SIDE_PX = 16_000;

interface Drawn {
  readonly bytes: Buffer;
  readonly width: number;
  readonly height: number;
}

/**
 * Draws portraits before and after side by side on one sheet: upright, complete, and never enlarged beyond their cell.
 * The sheet looks the same on every machine, because its text needs no fonts.
 *
 * @returns a PNG
 * @throws DarkroomError `invalid_input` for an empty list, a picture that cannot be decoded, or a sheet that is too
 *   large
 */
export async function contactSheet(
  pairs: readonly ContactSheetPair[],
  options: ContactSheetOptions,
): Promise<Uint8Array> {
  const { title, cellPx = 240, columns: wishedColumns = 3 } = options;
  checkWhole("columns", wishedColumns);
  checkWhole("cellPx", cellPx);
  if (pairs.length === 0) throw invalid("a contact sheet needs at least one pair of pictures");
  const columns = Math.min(wishedColumns, pairs.length);
  const pairWidth = cellPx * 2 + INNER_GAP_PX;
  const width = MARGIN_PX * 2 + columns * pairWidth + (columns - 1) * PAIR_GAP_PX;
  const tallest = Math.ceil(pairs.length / columns) * (cellPx * TALLEST + PAIR_GAP_PX + 62) + 200;
  if (Math.max(width, tallest) > LONGEST_SIDE_PX) {
    throw invalid(`the sheet would be longer than ${LONGEST_SIDE_PX} px; give fewer pairs or a smaller cellPx`);
  }

  const inside = width - MARGIN_PX * 2;
  const drawing = [textPath(fittedText(title, inside, TITLE.dotPx), MARGIN_PX, MARGIN_PX, TITLE)];
  let y = MARGIN_PX + textHeightPx(TITLE.dotPx) + 10;
  drawing.push(textPath(fittedText("before | after", inside, LEGEND.dotPx), MARGIN_PX, y, LEGEND));
  y += textHeightPx(LEGEND.dotPx) + 28;
  const pictures: OverlayOptions[] = [];
  for (let first = 0; first < pairs.length; first += columns) {
    const row: { pair: ContactSheetPair; drawn: readonly [Drawn, Drawn] }[] = [];
    for (const pair of pairs.slice(first, first + columns)) {
      const before = await draw(pair.before, `${pair.label} (before)`, cellPx);
      row.push({ pair, drawn: [before, await draw(pair.after, `${pair.label} (after)`, cellPx)] });
    }
    const height = Math.max(...row.flatMap(({ drawn }) => drawn.map((picture) => picture.height)));
    for (const [column, { pair, drawn }] of row.entries()) {
      const x = MARGIN_PX + column * (pairWidth + PAIR_GAP_PX);
      for (const [side, picture] of drawn.entries()) {
        const left = x + side * (cellPx + INNER_GAP_PX);
        drawing.push(`<rect x="${left}" y="${y}" width="${cellPx}" height="${height}" fill="${EMPTY_PLACE}"/>`);
        pictures.push({
          input: picture.bytes,
          left: left + Math.floor((cellPx - picture.width) / 2),
          top: y + Math.floor((height - picture.height) / 2),
        });
      }
      const labelY = y + height + LABEL_GAP_PX;
      drawing.push(textPath(fittedText(pair.label, pairWidth, LABEL.dotPx), x, labelY, LABEL));
      if (pair.note !== undefined) {
        const noteY = labelY + textHeightPx(LABEL.dotPx) + NOTE_GAP_PX;
        drawing.push(textPath(fittedText(pair.note, pairWidth, NOTE.dotPx), x, noteY, NOTE));
        drawing.push(frame(x + cellPx + INNER_GAP_PX, y, cellPx, height));
      }
    }
    const noted = row.some(({ pair }) => pair.note !== undefined);
    y += height + LABEL_GAP_PX + textHeightPx(LABEL.dotPx) + PAIR_GAP_PX;
    if (noted) y += NOTE_GAP_PX + textHeightPx(NOTE.dotPx);
  }
  const height = y - PAIR_GAP_PX + MARGIN_PX;

  const open = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">`;
  const svg = Buffer.from(`${open}${drawing.join("")}</svg>`);
  return sharp({ create: { width, height, channels: 3, background: BACKGROUND } })
    .composite([{ input: svg, left: 0, top: 0 }, ...pictures])
    .png({ compressionLevel: 9 })
    .toBuffer();
}

/** Drawn around the outside of a cell, because pictures are drawn over the inside. */
function frame(x: number, y: number, width: number, height: number): string {
  const [left, top] = [x - FRAME_PX / 2, y - FRAME_PX / 2];
  const size = `width="${width + FRAME_PX}" height="${height + FRAME_PX}"`;
  return `<rect x="${left}" y="${top}" ${size} fill="none" stroke="${NOTE.color}" stroke-width="${FRAME_PX}"/>`;
}

async function draw(bytes: Uint8Array, name: string, cellPx: number): Promise<Drawn> {
  try {
    const { data, info } = await sharp(bytes, { failOn: "truncated", limitInputPixels: MOST_PIXELS })
      .autoOrient()
      .resize({
        width: cellPx,
        height: Math.round(cellPx * TALLEST),
        fit: "inside",
        withoutEnlargement: true,
      })
      .flatten({ background: "#ffffff" })
      .toColourspace("srgb")
      .png({ compressionLevel: 1 })
      .toBuffer({ resolveWithObject: true });
    return { bytes: data, width: info.width, height: info.height };
  } catch (error) {
    throw invalid(`the picture ${name} cannot be decoded: ${messageOf(error)}; leave it out of the sheet`, error);
  }
}

function checkWhole(name: string, value: number): void {
  if (!Number.isSafeInteger(value) || value < 1) throw invalid(`${name} is ${value}; give a whole number from 1 up`);
}

function invalid(message: string, cause?: unknown): DarkroomError {
  return new DarkroomError("invalid_input", message, cause === undefined ? {} : { cause });
}
