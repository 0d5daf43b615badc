import { THUMBNAIL_PX, type Thumbnail } from "./thumbnail.ts";

/** A synthetic thumbnail for tests: each level is a function of position and channel. */
export function drawn(level: (x: number, y: number, channel: number) => number): Thumbnail {
  return Uint8Array.from({ length: THUMBNAIL_PX * THUMBNAIL_PX * 3 }, (_, at) => {
    const pixel = Math.floor(at / 3);
    return level(pixel % THUMBNAIL_PX, Math.floor(pixel / THUMBNAIL_PX), at % 3) & 255;
  });
}

/** Every level in every channel, in waves. */
export const WAVES = drawn((x, y, channel) => x * 3 + y * 5 + ((x * y) >> 5) + channel * 60);
/** Soft, and brighter towards one corner. */
export const SLOPE = drawn((x, y, channel) => (x >> (channel + 1)) + (y >> 2));
