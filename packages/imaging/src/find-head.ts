import sharp from "sharp";
import { MOST_PIXELS } from "./decode-limits.ts";
import { rgbOf } from "./rgb-pixels.ts";

/** The estimated position of the person's head, as shares of the picture's sides. */
export interface Head {
  readonly x: number;
  readonly y: number;
  /** The top of hair or hat. */
  readonly top: number;
  readonly chin: number;
}

/** Size at which the head is searched. */
const LOOK_PX = 128;
/** Usual position of the face in a portrait and its maximum distance from there, as shares of the sides. */
const USUAL = { x: 0.5, y: 0.38, spreadX: 0.22, spreadY: 0.2 };
/** Minimum share of skin, weighted by the usual position of a face. */
const LEAST_SKIN = 0.02;
/** Cb and Cr range of skin of all tones (D. Chai, K. N. Ngan, 1999). Brighter or darker pixels are excluded. */
const SKIN = { leastCb: 77, mostCb: 127, leastCr: 133, mostCr: 173, leastLuma: 30, mostLuma: 245 };
/** Share of the skin in the face's middle row that a row needs to belong to the face. */
const GOES_ON_SHARE = 0.4;
/** Maximum distance of the chin below the middle of the skin, as a share of the height, because a neck is skin too. */
const MOST_BELOW = 0.4;
/** Maximum distance from the upper skin to the top of hair or hat, as a share of the face's height. */
const HAIR_SHARE = 0.55;

/**
 * Finds the head by skin colour near its usual position in portraits. An estimate without a face model that is good
 * enough for choosing a cut. Returns undefined if there is too little skin colour, as in a black and white picture.
 */
export async function findHead(bytes: Uint8Array): Promise<Head | undefined> {
  const { data: pixels } = await rgbOf(
    sharp(bytes, { limitInputPixels: MOST_PIXELS })
      .autoOrient()
      .flatten({ background: "#ffffff" })
      .resize({ width: LOOK_PX, height: LOOK_PX, fit: "fill" }),
  );
  const columns = new Float64Array(LOOK_PX);
  const rows = new Float64Array(LOOK_PX);
  /** Skin of each row near the usual column, for all rows. */
  const across = new Float64Array(LOOK_PX);
  let skin = 0;
  let all = 0;
  for (let row = 0; row < LOOK_PX; row += 1) {
    for (let column = 0; column < LOOK_PX; column += 1) {
      const beside = bell((column + 0.5) / LOOK_PX, USUAL.x, USUAL.spreadX);
      const weight = beside * bell((row + 0.5) / LOOK_PX, USUAL.y, USUAL.spreadY);
      all += weight;
      if (!isSkin(pixels, (row * LOOK_PX + column) * 3)) continue;
      skin += weight;
      columns[column] = (columns[column] ?? 0) + weight;
      rows[row] = (rows[row] ?? 0) + weight;
      across[row] = (across[row] ?? 0) + beside;
    }
  }
  if (skin < all * LEAST_SKIN) return undefined;
  const y = quantile(rows, 0.5);
  const [forehead, chin] = stretchAround(across, Math.floor(y * LOOK_PX));
  return {
    x: quantile(columns, 0.5),
    y,
    top: Math.max(0, forehead - (chin - forehead) * HAIR_SHARE),
    chin: Math.min(chin, y + MOST_BELOW),
  };
}

function bell(place: number, middle: number, spread: number): number {
  return Math.exp(-(((place - middle) / spread) ** 2) / 2);
}

/** Returns how far skin continues above and below a row, as shares of the height, relative to the skin in that row. */
function stretchAround(across: Float64Array, middle: number): readonly [start: number, end: number] {
  const least = (across[middle] ?? 0) * GOES_ON_SHARE;
  let [start, end] = [middle, middle];
  while (start > 0 && (across[start - 1] ?? 0) >= least) start -= 1;
  while (end < across.length - 1 && (across[end + 1] ?? 0) >= least) end += 1;
  return [start / across.length, (end + 1) / across.length];
}

function isSkin(pixels: Uint8Array, at: number): boolean {
  const [red, green, blue] = [pixels[at] ?? 0, pixels[at + 1] ?? 0, pixels[at + 2] ?? 0];
  const luma = 0.299 * red + 0.587 * green + 0.114 * blue;
  const cb = 128 + 0.564 * (blue - luma);
  const cr = 128 + 0.713 * (red - luma);
  return (
    luma >= SKIN.leastLuma &&
    luma <= SKIN.mostLuma &&
    cb >= SKIN.leastCb &&
    cb <= SKIN.mostCb &&
    cr >= SKIN.leastCr &&
    cr <= SKIN.mostCr
  );
}

/** Returns the position, as a share of all positions, below which this share of the weight is. */
function quantile(weights: Float64Array, share: number): number {
  let left = weights.reduce((sum, weight) => sum + weight, 0) * share;
  for (const [place, weight] of weights.entries()) {
    left -= weight;
    if (left <= 0) return (place + 0.5) / weights.length;
  }
  return 1;
}
