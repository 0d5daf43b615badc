import type { LeftOut } from "../batch/left-out.ts";
import { microRounded } from "./prices.ts";
import type { Mode, ProviderName } from "../recipe/recipe.ts";

/** A bad row of a quote, as far as it is known. */
export interface QuotedBadRow {
  readonly index: number;
  /** The line of the manifest, from 1; null for a photo of a prefix. */
  readonly line: number | null;
  /** The column at fault, where there is one. */
  readonly field: string | null;
  /** What was wrong and what to do. */
  readonly message: string;
}

/** A good row of a quote whose photo, or its place, has something wrong with it. */
export interface QuotedPhoto {
  readonly index: number;
  readonly id: string;
  readonly source: string;
}

/** A photo that is not there. */
export interface QuotedMissing extends QuotedPhoto {
  /** A photo that is there and whose name differs in case, or in how accents are written, alone; null where none was found. */
  readonly similar: string | null;
  /** Where it was looked for; null where that cannot be said. */
  readonly place: string | null;
}

/** A good row with a photo that an earlier good row has already. */
export interface QuotedDuplicate {
  readonly index: number;
  readonly id: string;
  readonly source: string;
  /** The earlier row's source; null where that is too far back to be known. */
  readonly of: string | null;
  /** The earlier row's id, as far as that is known. */
  readonly ofId: string | null;
}

/** A photo that cannot be read, or would be refused before anything is paid. */
export interface QuotedRefusal extends QuotedPhoto {
  /** What is wrong and what to do. */
  readonly message: string;
}

/** A photo whose result's key is taken: it would be refused before anything is paid. */
export interface QuotedTaken extends QuotedPhoto {
  /** The key that is taken. */
  readonly destination: string;
  /** What lies there, in a few words. */
  readonly what: string;
}

/** What was seen of some photos spread over the batch; every count is one of those that were looked at. */
export interface QuoteSample {
  /** Photos that were looked at, and `https://` links that name a private network themselves; no other link. */
  readonly looked: number;
  readonly missing: number;
  readonly missingExamples: readonly QuotedMissing[];
  /** Photos that cannot be read, or whose place cannot be one. */
  readonly unreadable: number;
  readonly unreadableExamples: readonly QuotedRefusal[];
  /** Photos that the provider could not be given, converted or not: no picture, too small, damaged. */
  readonly refused: number;
  readonly refusedExamples: readonly QuotedRefusal[];
  /** Photos that seem to end before their picture does; a camera's long trailer looks the same. */
  readonly seemCut: number;
  readonly seemCutExamples: readonly QuotedPhoto[];
  /** Photos with the same content as another one of the sample, under another name. */
  readonly sameContent: number;
  readonly sameContentExamples: readonly QuotedDuplicate[];
  /** The destination holds this photo with this recipe already: it would be skipped, and cost nothing. */
  readonly alreadyDelivered: number;
  /** The destination holds a picture of the simulator's for this photo, where a real one is ordered: it is made anew. */
  readonly simulated: number;
  /** The destination holds another portrait's result, or a file that Darkroom did not make. */
  readonly taken: number;
  readonly takenExamples: readonly QuotedTaken[];
  /** The destination is the photo itself, so that the portrait would be refused. */
  readonly ontoItself: number;
}

/** What portraits of one mode cost. */
interface QuotedCostPart {
  readonly mode: Mode;
  readonly portraits: number;
  /** Turns with the provider, one for each step of each portrait. */
  readonly turns: number;
  /** Null where the price table has none. */
  readonly usd: number | null;
}

export interface QuotedCost {
  /** Every good row paid for once; null when a price is missing. */
  readonly usd: number | null;
  /** Why there is no figure. */
  readonly message: string | null;
  readonly parts: readonly QuotedCostPart[];
}

/** From the fastest to the slowest that the provider is known for, with the lane to itself and nothing tried twice. */
export interface QuotedTime {
  /** Null when nothing is known of the provider's times. */
  readonly minSeconds: number | null;
  readonly maxSeconds: number | null;
  /** Why there is no figure. */
  readonly message: string | null;
  /** The lane's limits that it was counted with. */
  readonly concurrency: number;
  readonly ratePerMinute: number | null;
}

/** What a submission would come to. Making one pays nothing and writes nothing. */
export interface Quote {
  readonly provider: ProviderName;
  readonly lane: string;
  /** Store URL of the destination. */
  readonly destination: string;
  /** All rows of the source; `goodRows` and `badRows` add up to it. */
  readonly rows: number;
  readonly goodRows: number;
  readonly badRows: number;
  readonly firstBadRows: readonly QuotedBadRow[];
  /** Bad rows whose destination an earlier row has taken; counted in `badRows` too. */
  readonly destinationCollisions: number;
  /** Good rows with a photo that an earlier good row has already. */
  readonly duplicates: number;
  /** How duplicates were told: by content in a listing (ETag and size), by the name of the source in a manifest. */
  readonly duplicatesBy: "content" | "source";
  /** The first of them, each with the photo that it repeats. */
  readonly duplicateExamples: readonly QuotedDuplicate[];
  /** The manifest's columns that Darkroom does not know and carries to the report; at most 50. */
  readonly carriedColumns: readonly string[];
  /** What a prefix's listing takes for no photo; empty for a manifest. */
  readonly leftOut: LeftOut;
  /** Why a prefix has no photo at all; null where it has one, and for a manifest. */
  readonly emptyReason: string | null;
  readonly sample: QuoteSample;
  readonly cost: QuotedCost;
  readonly time: QuotedTime;
  /** Sentences for people. */
  readonly warnings: readonly string[];
}

/**
 * About what the portraits cost without those whose photo was seen to be missing, unusable or delivered already, in USD.
 *
 * @returns undefined where none was seen, where not all photos were looked at, or where no cost is known
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

/** Photos of a sample that nothing would be paid for. */
export function unpaidPhotos(sample: QuoteSample): number {
  const { looked, missing, unreadable, refused, taken, alreadyDelivered, ontoItself } = sample;
  return Math.min(looked, missing + unreadable + refused + taken + alreadyDelivered + ontoItself);
}

/** False when it is known that no portrait of it could be enhanced: no good row, or not one photo that can be read. */
export function couldEnhanceAny({ goodRows, sample }: Quote): boolean {
  const { looked, missing, unreadable, refused, ontoItself, taken } = sample;
  return goodRows > 0 && (looked < goodRows || missing + unreadable + refused + ontoItself + taken < looked);
}
