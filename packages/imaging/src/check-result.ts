import type { SourceLook } from "./look-at-source.ts";
import { colourGrid, distanceOf, isFlat, turnBetween } from "./picture-distance.ts";
import { isSamePicture, looksSame } from "./same-picture.ts";
import type { Thumbnail } from "./thumbnail.ts";
import { tileSums } from "./tile-sums.ts";

export interface ResultFault {
  readonly code: "corrupt_output" | "blank_output" | "unchanged_output";
  readonly message: string;
}

export interface ResultSeen {
  /** See {@link distanceOf}; absent if the source could not be read. */
  readonly distance?: number;
  /** Warnings for the user. */
  readonly warnings: readonly string[];
}

/** Minimum share of the source's sides that a result must have, unless the recipe sets another. */
export const DEFAULT_LEAST_SHARE = 0.5;
/** A smaller difference in proportions is due to rounding. */
const SAME_RATIO = 0.03;

interface Size {
  readonly width: number;
  readonly height: number;
}

/** Explains why a result's size does not match the order. A quarter turn is allowed. */
export function sizeFault(source: Size, result: Size, leastShare: number): ResultFault | undefined {
  const short = Math.min(result.width, result.height) >= Math.min(source.width, source.height) * leastShare;
  const long = Math.max(result.width, result.height) >= Math.max(source.width, source.height) * leastShare;
  if (short && long) return undefined;
  const least = leastShare === DEFAULT_LEAST_SHARE ? "half" : `${Math.round(leastShare * 100)} %`;
  const message = `the provider's picture has ${sizeText(result)}, less than ${least} of the source's ${sizeText(source)}`;
  return { code: "corrupt_output", message };
}

/** Compares a result with its source. Reports a blank or unchanged result, and warnings. */
export async function checkResult(
  result: Size & { readonly bytes: Uint8Array; readonly thumbnail: Thumbnail },
  source: SourceLook | undefined,
): Promise<ResultFault | ResultSeen> {
  const tiles = tileSums(result.thumbnail);
  const sourceTiles = source?.thumbnail === undefined ? undefined : tileSums(source.thumbnail);
  const after = colourGrid(tiles);
  const before = sourceTiles === undefined ? undefined : colourGrid(sourceTiles);
  if (isFlat(after) && (before === undefined || !isFlat(before))) {
    return { code: "blank_output", message: "the provider's picture is blank: it is one flat colour" };
  }
  const looksUnchanged = sourceTiles !== undefined && looksSame(sourceTiles, tiles);
  if (source !== undefined && looksUnchanged && (await isUnchanged(source, result))) {
    return { code: "unchanged_output", message: "the provider returned the source unchanged" };
  }
  const turned = before === undefined ? 0 : turnBetween(before, after);
  return {
    ...(before === undefined ? {} : { distance: distanceOf(before, after) }),
    warnings: [
      ...(turned === 0 ? [] : [`the result looks rotated by ${turned}° clockwise relative to the source`]),
      ...(source === undefined ? [] : shapeWarnings(source, result, turned)),
    ],
  };
}

async function isUnchanged(
  { bytes, width, height }: SourceLook,
  result: Size & { readonly bytes: Uint8Array },
): Promise<boolean> {
  if (bytes === undefined || width !== result.width || height !== result.height) return false;
  return await isSamePicture(bytes, result.bytes, { width, height });
}

function shapeWarnings(source: Size, result: Size, turned: number): readonly string[] {
  const stretch = Math.log(result.width / result.height / (source.width / source.height));
  if (Math.abs(stretch) <= SAME_RATIO) return [];
  // A quarter turn, which swaps the sides, was already reported.
  const quarter = turned === 90 || turned === 270;
  if (quarter && Math.abs(Math.log((result.width * source.width) / (result.height * source.height))) <= SAME_RATIO) {
    return [];
  }
  const shape = stretch > 0 ? "wider" : "narrower";
  return [`the result is ${shape} in shape than the source: ${sizeText(result)} instead of ${sizeText(source)}`];
}

function sizeText({ width, height }: Size): string {
  return `${width} × ${height} px`;
}
