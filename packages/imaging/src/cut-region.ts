import sharp from "sharp";
import { MOST_PIXELS } from "./decode-limits.ts";
import { findHead } from "./find-head.ts";

/** Position of the face in a cut, measured from the top, and the minimum space above the head. */
const FACE_SHARE = 0.42;
const HEAD_ROOM_SHARE = 0.05;
/** Maximum position of the chin, which is never cut. If head and hat do not fit, the hat is cut. */
const CHIN_SHARE = 0.95;
/**
 * Share of the removed height that is taken from the top when no head was detected. Heads are near the top of
 * portraits.
 */
const UNSEEN_TOP_SHARE = 0.2;
/** Size to which a picture is scaled for the search of the salient area. */
const FOCUS_PX = 320;

/** A region in whole pixels of an upright picture. */
export interface Region {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Returns the largest region of a picture with these proportions, around the head. */
export async function cutRegion(
  bytes: Uint8Array,
  { width, height }: { readonly width: number; readonly height: number },
  ratio: number,
): Promise<Region> {
  const cutWidth = Math.max(1, Math.min(width, Math.round(height * ratio)));
  const cutHeight = Math.max(1, Math.min(height, Math.round(width / ratio)));
  const within = (start: number, room: number): number => Math.max(0, Math.min(room, Math.round(start)));
  const head = await findHead(bytes);
  const x = head?.x ?? (await attentionX(bytes, cutWidth / width));
  const top =
    head === undefined
      ? (height - cutHeight) * UNSEEN_TOP_SHARE
      : Math.max(
          Math.min(head.y * height - cutHeight * FACE_SHARE, head.top * height - cutHeight * HEAD_ROOM_SHARE),
          head.chin * height - cutHeight * CHIN_SHARE,
        );
  return {
    left: within(x * width - cutWidth / 2, width - cutWidth),
    top: within(top, height - cutHeight),
    width: cutWidth,
    height: cutHeight,
  };
}

/**
 * Returns the horizontal position of the most salient area (skin, colour and contrast, by libvips), as a share of the
 * width.
 */
async function attentionX(bytes: Uint8Array, widthShare: number): Promise<number> {
  if (widthShare >= 1) return 0.5;
  const small = await sharp(bytes, { limitInputPixels: MOST_PIXELS })
    .autoOrient()
    .flatten({ background: "#ffffff" })
    .resize({ width: FOCUS_PX, height: FOCUS_PX, fit: "inside" })
    .toColourspace("srgb")
    .png({ compressionLevel: 0 })
    .toBuffer({ resolveWithObject: true });
  const { width, height } = small.info;
  const { info } = await sharp(small.data)
    .resize({ width: Math.max(1, Math.round(width * widthShare)), height, position: sharp.strategy.attention })
    .raw()
    .toBuffer({ resolveWithObject: true });
  return (info.attentionX ?? width / 2) / width;
}
