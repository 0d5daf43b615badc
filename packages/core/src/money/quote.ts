import type { LeftOut } from "../batch/left-out.ts";
import { microRounded } from "./prices.ts";
import type { Mode, ProviderName } from "../recipe/recipe.ts";

/** A bad row of a quote, as far as it is known. */
export interface QuotedBadRow {
  readonly index: number;
  /** The line of the manifest, from 1; null for a photo of a prefix. */
  readonly line: number | null;
  /** The column at fault, if any. */
  readonly field: string | null;
  /** What was wrong and what to do. */
  readonly message: string;
}

/** A good row of a quote with a problem of its photo or key. */
export interface QuotedPhoto {
  readonly index: number;
  readonly id: string;
  readonly source: string;
}

/** A missing photo. */
export interface QuotedMissing extends QuotedPhoto {
  /** An existing photo whose name differs only in case, the encoding of accents or the extension; null if none was found. */
  readonly similar: string | null;
  /** Where it was looked for; null if that is unknown. */
  readonly place: string | null;
}

/** A good row whose photo an earlier good row already has. */
export interface QuotedDuplicate {
  readonly index: number;
  readonly id: string;
  readonly source: string;
  /** The earlier row's source; null if it is no longer known. */
  readonly of: string | null;
  /** The earlier row's id, if known. */
  readonly ofId: string | null;
}

/** A photo that cannot be read, or would be rejected before payment. */
export interface QuotedRefusal extends QuotedPhoto {
  /** What is wrong and what to do. */
  readonly message: string;
}

/** A photo whose result's key is occupied, so it would be rejected before payment. */
export interface QuotedTaken extends QuotedPhoto {
  /** The occupied key. */
  readonly destination: string;
  /** Short description of the object there. */
  readonly what: string;
}

/** Results of another recipe that lie where a batch would put its own. */
export interface OtherRecipe {
  readonly results: number;
  /** What they cost, by the prices of the batches that made them; null where that is not known of all. */
  readonly usd: number | null;
  /** The recipes in a few words, as far as they are known. */
  readonly recipes: readonly string[];
}

/** Findings about a sample of photos spread over the batch; all counts refer to the sample. */
export interface QuoteSample {
  /** Number of checked photos, including `https://` links that name a private network, but no other links. */
  readonly looked: number;
  readonly missing: number;
  readonly missingExamples: readonly QuotedMissing[];
  /** Photos that cannot be read, or whose location is invalid. */
  readonly unreadable: number;
  readonly unreadableExamples: readonly QuotedRefusal[];
  /** Photos that cannot be sent to the provider, even converted: not a picture, too small, damaged. */
  readonly refused: number;
  readonly refusedExamples: readonly QuotedRefusal[];
  /** Photos that seem to end before their picture does; a camera's long trailer looks the same. */
  readonly seemCut: number;
  readonly seemCutExamples: readonly QuotedPhoto[];
  /** Photos with the same content as another one of the sample, under another name. */
  readonly sameContent: number;
  readonly sameContentExamples: readonly QuotedDuplicate[];
  /** The destination already has this photo with this recipe, so it would be skipped at no cost. */
  readonly alreadyDelivered: number;
  /** The destination has a simulated picture of this photo, and a real one is ordered: it is made again. */
  readonly simulated: number;
  /** What another recipe has made of these photos at the destination. */
  readonly otherRecipe: OtherRecipe;
  /** The destination has another portrait's result, or a file that Darkroom did not make. */
  readonly taken: number;
  readonly takenExamples: readonly QuotedTaken[];
  /** The destination is the photo itself, so the portrait would be rejected. */
  readonly ontoItself: number;
}

/** The cost of portraits of one mode. */
interface QuotedCostPart {
  readonly mode: Mode;
  readonly portraits: number;
  /** Turns with the provider, one per step and portrait. */
  readonly turns: number;
  /** Null if the price table has none. */
  readonly usd: number | null;
}

export interface QuotedCost {
  /** Each good row paid once; null when a price is missing. */
  readonly usd: number | null;
  /** Why there is no amount. */
  readonly message: string | null;
  readonly parts: readonly QuotedCostPart[];
}

/** From the provider's fastest to its slowest known turn, with the lane used by this batch alone and no retries. */
export interface QuotedTime {
  /** Null when the provider's turn times are unknown. */
  readonly minSeconds: number | null;
  readonly maxSeconds: number | null;
  /** Why there is no duration. */
  readonly message: string | null;
  /** The lane's limits used for the estimate. */
  readonly concurrency: number;
  readonly ratePerMinute: number | null;
}

/** The expected extent and cost of a submission. Creating one pays for nothing and writes nothing. */
export interface Quote {
  readonly provider: ProviderName;
  readonly lane: string;
  /** Store URL of the destination. */
  readonly destination: string;
  /** All rows of the source; the sum of `goodRows` and `badRows`. */
  readonly rows: number;
  readonly goodRows: number;
  readonly badRows: number;
  readonly firstBadRows: readonly QuotedBadRow[];
  /** Bad rows whose destination an earlier row has; also counted in `badRows`. */
  readonly destinationCollisions: number;
  /** Good rows whose photo an earlier good row already has. */
  readonly duplicates: number;
  /** How duplicates were recognized: by content in a listing (ETag and size), by source name in a manifest. */
  readonly duplicatesBy: "content" | "source";
  /** The first of them, each with the photo that it repeats. */
  readonly duplicateExamples: readonly QuotedDuplicate[];
  /** The manifest's columns that Darkroom does not interpret and copies to the report; at most 50. */
  readonly carriedColumns: readonly string[];
  /** Files that a prefix's listing left out; empty for a manifest. */
  readonly leftOut: LeftOut;
  /** Why a prefix has no photo; null if it has one, and for a manifest. */
  readonly emptyReason: string | null;
  readonly sample: QuoteSample;
  readonly cost: QuotedCost;
  readonly time: QuotedTime;
  /** Messages for people. */
  readonly warnings: readonly string[];
  /** Why the submission would be refused as it is, and what to do; null where it would not, as far as was seen. */
  readonly refusal: string | null;
}

/**
 * Approximate cost in USD without the photos found missing, unusable or already delivered.
 *
 * @returns undefined if there are none, if not all photos were checked, or if no cost is known
 */
export function costOfUsableUsd({
  goodRows,
  sample,
  cost,
}: Pick<Quote, "goodRows" | "sample" | "cost">): number | undefined {
  const unpaid = unpaidPhotos(sample);
  if (unpaid === 0 || cost.usd === null || sample.looked < goodRows) return undefined;
  return microRounded((cost.usd * (goodRows - unpaid)) / goodRows);
}

/** Photos of a sample that would cost nothing. */
export function unpaidPhotos(sample: QuoteSample): number {
  const { looked, missing, unreadable, refused, taken, alreadyDelivered, ontoItself } = sample;
  return Math.min(looked, missing + unreadable + refused + taken + alreadyDelivered + ontoItself);
}

/** False when certainly no portrait could be enhanced: there is no good row, or no readable photo. */
export function couldEnhanceAny({ goodRows, sample }: Quote): boolean {
  const { looked, missing, unreadable, refused, ontoItself, taken } = sample;
  return goodRows > 0 && (looked < goodRows || missing + unreadable + refused + ontoItself + taken < looked);
}
