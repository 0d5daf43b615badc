import type { LeftOut } from "../batch/left-out.ts";
import { microRounded } from "./prices.ts";
import type { Mode, ProviderName } from "../recipe/recipe.ts";

/** A bad row of a quote, with the details that are known. */
export interface QuotedBadRow {
  readonly index: number;
  /** The line of the manifest, from 1; null for a photo of a prefix. */
  readonly line: number | null;
  /** The invalid column, if any. */
  readonly field: string | null;
  /** The problem, and how to fix it. */
  readonly message: string;
}

/** A valid row of a quote with a problem in its photo or key. */
export interface QuotedPhoto {
  readonly index: number;
  readonly id: string;
  readonly source: string;
}

/** A missing photo. */
export interface QuotedMissing extends QuotedPhoto {
  /** An existing photo whose name differs only in case, accent encoding or extension; null if none was found. */
  readonly similar: string | null;
  /** The location that was searched; null if unknown. */
  readonly place: string | null;
}

/** A valid row whose photo an earlier valid row already has. */
export interface QuotedDuplicate {
  readonly index: number;
  readonly id: string;
  readonly source: string;
  /** The earlier row's source; null if no longer known. */
  readonly of: string | null;
  /** The earlier row's id, if known. */
  readonly ofId: string | null;
}

/** A photo that cannot be read, or would be rejected before payment. */
export interface QuotedRefusal extends QuotedPhoto {
  /** The problem, and how to fix it. */
  readonly message: string;
}

/** A photo whose result key is occupied, so that it would be rejected before payment. */
export interface QuotedTaken extends QuotedPhoto {
  /** The occupied key. */
  readonly destination: string;
  /** Short description of the object at that key. */
  readonly what: string;
}

/** Results of another recipe at the keys that a batch would write. */
export interface OtherRecipe {
  readonly results: number;
  /** Their cost by the prices of the batches that made them; null unless all of these prices are known. */
  readonly usd: number | null;
  /** Short descriptions of the known recipes. */
  readonly recipes: readonly string[];
}

/** Findings about a sample of photos spread over the batch. All counts refer to the sample. */
export interface QuoteSample {
  /** Number of checked photos. Includes `https://` links to a private network, but no other links. */
  readonly looked: number;
  readonly missing: number;
  readonly missingExamples: readonly QuotedMissing[];
  /** Photos that cannot be read, or whose location is invalid. */
  readonly unreadable: number;
  readonly unreadableExamples: readonly QuotedRefusal[];
  /** Photos that cannot be sent to the provider, even converted: not a picture, too small, damaged. */
  readonly refused: number;
  readonly refusedExamples: readonly QuotedRefusal[];
  /** Photos that seem to be cut off before the end of the picture. A camera's long trailer looks the same. */
  readonly seemCut: number;
  readonly seemCutExamples: readonly QuotedPhoto[];
  /** Photos with the same content as another photo of the sample under a different name. */
  readonly sameContent: number;
  readonly sameContentExamples: readonly QuotedDuplicate[];
  /** Photos that the destination already has with this recipe, so that they would be skipped at no cost. */
  readonly alreadyDelivered: number;
  /**
   * Photos with a simulated picture at the destination where a real one is ordered, so that they would be enhanced
   * again.
   */
  readonly simulated: number;
  /** Results that another recipe made of these photos at the destination. */
  readonly otherRecipe: OtherRecipe;
  /** Photos whose result of another recipe the order keeps, so that they would be skipped at no cost. */
  readonly kept: number;
  /** Photos whose key holds another portrait's result, or a file that Darkroom did not make. */
  readonly taken: number;
  readonly takenExamples: readonly QuotedTaken[];
  /** Photos whose destination is the photo itself, so that the portrait would be rejected. */
  readonly ontoItself: number;
  /** Faces in photos of the sample; null if the quote does not look for faces. */
  readonly faces: QuotedFaces | null;
}

/** Faces in those photos of a sample that could be searched within a few seconds. */
export interface QuotedFaces {
  readonly looked: number;
  /** Photos without a face. */
  readonly none: number;
  readonly noneExamples: readonly QuotedPhoto[];
  readonly several: number;
  readonly severalExamples: readonly QuotedPhoto[];
  /** Photos that show the person of an earlier photo. */
  readonly samePerson: number;
  readonly samePersonExamples: readonly QuotedDuplicate[];
}

/** The cost of portraits of one mode. */
interface QuotedCostPart {
  readonly mode: Mode;
  readonly portraits: number;
  /** Turns with the provider: one per step and portrait. */
  readonly turns: number;
  /** Null if the price table has no price for this mode. */
  readonly usd: number | null;
}

export interface QuotedCost {
  /** Cost if each valid row is paid once; null when a price is missing. */
  readonly usd: number | null;
  /** Why the amount is missing. */
  readonly message: string | null;
  readonly parts: readonly QuotedCostPart[];
}

/**
 * A range from the provider's fastest to its slowest known turn, if only this batch uses the lane and nothing is
 * retried.
 */
export interface QuotedTime {
  /** Null when the provider's turn times are unknown. */
  readonly minSeconds: number | null;
  readonly maxSeconds: number | null;
  /** Why the duration is missing. */
  readonly message: string | null;
  /** The lane's limits used for the estimate. */
  readonly concurrency: number;
  readonly ratePerMinute: number | null;
}

/** The expected size and cost of a submission. Quoting pays for nothing and writes nothing. */
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
  /** Bad rows with the same destination as an earlier row. Also counted in `badRows`. */
  readonly destinationCollisions: number;
  /** Valid rows whose photo an earlier valid row already has. */
  readonly duplicates: number;
  /** How duplicates were recognized: by content in a listing (ETag and size), by source name in a manifest. */
  readonly duplicatesBy: "content" | "source";
  /** The first duplicates, each with the repeated photo. */
  readonly duplicateExamples: readonly QuotedDuplicate[];
  /** The manifest's columns that Darkroom copies to the report without interpreting them; at most 50. */
  readonly carriedColumns: readonly string[];
  /** Files that a prefix's listing left out; empty for a manifest. */
  readonly leftOut: LeftOut;
  /** Why a prefix has no photos; null if the prefix has some, and for a manifest. */
  readonly emptyReason: string | null;
  readonly sample: QuoteSample;
  readonly cost: QuotedCost;
  readonly time: QuotedTime;
  /** Messages for the user. */
  readonly warnings: readonly string[];
  /** Why the submission would be refused as it is, with advice; null if no reason was found. */
  readonly refusal: string | null;
}

/**
 * Returns the approximate cost in USD without the photos found missing, unusable, already delivered or kept.
 *
 * @returns undefined if there are no such photos, if not all photos were checked, or if no cost is known
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

/** Returns the number of photos in a sample that would cost nothing. */
export function unpaidPhotos(sample: QuoteSample): number {
  const { looked, missing, unreadable, refused, taken, alreadyDelivered, kept, ontoItself } = sample;
  return Math.min(looked, missing + unreadable + refused + taken + alreadyDelivered + kept + ontoItself);
}

/** False if certainly no portrait can be enhanced, because there is no valid row or no readable photo. */
export function couldEnhanceAny({ goodRows, sample }: Quote): boolean {
  const { looked, missing, unreadable, refused, ontoItself, taken } = sample;
  return goodRows > 0 && (looked < goodRows || missing + unreadable + refused + ontoItself + taken < looked);
}

/** The counts of a quote that {@link isAllDelivered} reads. */
interface SkippedCounts extends Pick<Quote, "goodRows" | "badRows"> {
  readonly sample: Pick<QuoteSample, "alreadyDelivered" | "kept">;
}

/** True if every portrait would certainly be skipped, because its result is already at the destination. */
export function isAllDelivered({ goodRows, badRows, sample }: SkippedCounts): boolean {
  return badRows === 0 && goodRows > 0 && sample.alreadyDelivered + sample.kept === goodRows;
}
