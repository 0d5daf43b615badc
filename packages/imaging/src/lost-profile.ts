import type { SourceLook } from "./look-at-source.ts";
import { thumbnailOf, type Thumbnail } from "./thumbnail.ts";

/** Maximum ratio between the difference from the source's own values and the difference from its values in sRGB. */
const CLEAR_SHARE = 0.8;
/** If the difference is smaller, the profile is treated as sRGB. */
const SAME_LEVELS = 1;

/**
 * Returns the source's colour profile for a result that lost the profile. Some tools drop the profile but keep the
 * values, which makes the picture look pale. Undefined if the values are sRGB, as a missing profile implies.
 */
export async function lostProfile(result: Thumbnail, source: SourceLook): Promise<Buffer | undefined> {
  const { icc, bytes, thumbnail } = source;
  if (icc === undefined || bytes === undefined || thumbnail === undefined) return undefined;
  const values = await thumbnailOf(bytes, { ignoreIcc: true });
  if (chromaDifference(values, thumbnail) < SAME_LEVELS) return icc;
  const asSource = chromaDifference(result, values);
  const asSrgb = chromaDifference(result, thumbnail);
  return asSource < asSrgb * CLEAR_SHARE ? icc : undefined;
}

/** Returns the mean difference of red and blue from green, which hardly depends on brightness. */
function chromaDifference(a: Thumbnail, b: Thumbnail): number {
  let sum = 0;
  for (let at = 0; at + 2 < a.length; at += 3) {
    const green = (a[at + 1] ?? 0) - (b[at + 1] ?? 0);
    const red = (a[at] ?? 0) - (b[at] ?? 0);
    const blue = (a[at + 2] ?? 0) - (b[at + 2] ?? 0);
    sum += Math.abs(red - green) + Math.abs(blue - green);
  }
  return sum / ((a.length / 3) * 2);
}
