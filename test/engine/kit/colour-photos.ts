import sharp from "sharp";
import type { ObjectStore } from "@darkroom/core";

/** The identifying colour of a photo: red, green and blue, each 0 to 255. */
export type Colour = readonly [number, number, number];

/**
 * Minimum distance between two of the colours after the simulator's retouching, which changes light and contrast
 * equally in all photos.
 */
const FARTHEST = 110;

const LEVELS = [0, 128, 255];

/** 26 colours that stay distinct after the simulator's retouching. Black is not among them. */
export const COLOURS: readonly Colour[] = LEVELS.flatMap((red) =>
  LEVELS.flatMap((green) => LEVELS.map((blue): Colour => [red, green, blue])),
).filter((colour) => colour.some((level) => level > 0));

/** Creates a portrait in front of a background of one colour. */
export async function colourPhoto([r, g, b]: Colour): Promise<Buffer> {
  return await sharp({ create: { width: 96, height: 128, channels: 3, background: { r, g, b } } })
    .composite([
      { input: Buffer.from('<svg width="96" height="128"><circle cx="48" cy="50" r="28" fill="#e0b090"/></svg>') },
    ])
    .jpeg({ quality: 90 })
    .toBuffer();
}

/** Returns the colour of the photo that a stored picture was made from; undefined if nothing is stored. */
export async function madeFrom(store: ObjectStore, key: string): Promise<Colour | undefined> {
  if ((await store.head(key)) === undefined) return undefined;
  const { body } = await store.get(key);
  return await colourOf(Buffer.concat((await body.toArray()) as Buffer[]));
}

/** Returns the colour of the photo that a picture of the simulator was made from. */
async function colourOf(bytes: Buffer): Promise<Colour> {
  const { channels } = await sharp(bytes).extract({ left: 2, top: 100, width: 20, height: 20 }).stats();
  const seen = channels.slice(0, 3).map(({ mean }) => mean);
  const distances = COLOURS.map((colour) => {
    const lit = colour.map((level) => level * 0.85 + 45);
    return lit.reduce((sum, level, channel) => sum + Math.abs(level - (seen[channel] ?? 0)), 0);
  });
  const nearest = Math.min(...distances);
  const found = COLOURS[distances.indexOf(nearest)];
  if (found === undefined || nearest > FARTHEST) throw new Error(`no photo has the colour ${seen.join(", ")}`);
  return found;
}
