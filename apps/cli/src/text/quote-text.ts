import {
  costOfUsableUsd,
  leftOutText,
  type Quote,
  type QuotedDuplicate,
  type QuotedPhoto,
  type QuotedRefusal,
  type QuotedTime,
  type QuoteSample,
  shortList,
  similarText,
  unpaidPhotos,
  usdText,
} from "@darkroom/core";
import prettyMilliseconds from "pretty-ms";
import { shownPlace } from "./batch-line.ts";
import { isTwinLane } from "@darkroom/config";
import { tableText } from "./table.ts";

const SHOWN_REFUSALS = 3;
const SHOWN_DUPLICATES = 5;
const SHOWN_COLUMNS = 10;
/** A quote has up to ten examples, so that all are shown when there are ten. */
const SHOWN_EXAMPLES = 9;

type Line = readonly [name: string, value: string | null];

function durationText(seconds: number): string {
  return prettyMilliseconds(seconds * 1_000, { unitCount: 2 });
}

/** Formats a quote for the terminal. */
export function quoteText(quote: Quote): string {
  const lines: readonly Line[] = [
    ["portraits", portraitsText(quote)],
    ["collisions", counted(quote.destinationCollisions, "with the destination of an earlier row")],
    ["duplicates", duplicatesText(quote)],
    ["carried", carriedText(quote)],
    ["left out", quote.leftOut.length === 0 ? null : leftOutText(quote.leftOut)],
    ...sampleLines(quote),
    ["cost", quote.goodRows === 0 ? null : costText(quote)],
    ["of that", quote.goodRows === 0 ? null : usableCostText(quote)],
    ["time", quote.goodRows === 0 ? null : timeText(quote.time)],
    ["lane", quote.lane],
    ["results", shownPlace(quote.destination)],
    ...quote.warnings.map((warning): Line => ["note", warning]),
  ];
  const text = lines
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name.padEnd(10)} ${value}`)
    .join("\n");
  const parts = [
    text,
    ...(quote.firstBadRows.length === 0 ? [] : [badRowsText(quote)]),
    ...(quote.refusal === null ? [] : [`This submission would be refused. ${quote.refusal}`]),
  ];
  return parts.join("\n\n");
}

function portraitsText({ rows, goodRows, badRows, emptyReason }: Quote): string {
  if (rows === 0) return `none: ${emptyReason ?? "the source contains no photos"}`;
  return badRows === 0 ? String(goodRows) : `${goodRows} of ${rows} rows, ${badRows} bad`;
}

function counted(count: number, what: string): string | null {
  return count === 0 ? null : `${count} ${what}`;
}

/** For example "2 with the content of an earlier photo: b.jpg (= a.jpg), c.jpg (= a.jpg)". */
function duplicatesText({ duplicates, duplicatesBy, duplicateExamples }: Quote): string | null {
  if (duplicates === 0) return null;
  const what = duplicatesBy === "content" ? "with the content of an earlier photo" : "with the photo of an earlier row";
  return `${duplicates} ${what}: ${pairsText(duplicates, duplicateExamples)}; each is paid for; remove them to pay once`;
}

/** Formats each duplicate with the photo that it repeats: another file, or the same file under another id. */
function pairsText(count: number, examples: readonly QuotedDuplicate[]): string {
  const shown = examples.map(({ source, id, of, ofId }) => {
    if (of === null) return source;
    return of === source ? `${source} (ids ${ofId ?? ""} and ${id})` : `${source} (= ${of})`;
  });
  return shortList(shown, count, SHOWN_DUPLICATES);
}

/** A note points out names that were probably meant as Darkroom's columns. */
function carriedText({ carriedColumns }: Quote): string | null {
  if (carriedColumns.length === 0) return null;
  return `to the report, as columns of your own: ${shortList(carriedColumns, carriedColumns.length, SHOWN_COLUMNS)}`;
}

function sampleLines({ goodRows, sample, duplicatesBy }: Quote): readonly Line[] {
  const { looked, unreadable, unreadableExamples } = sample;
  const unreadableText = unreadable === 0 ? null : `${unreadable}: ${withReasons(unreadable, unreadableExamples)}`;
  if (looked === 0) return [];
  const found: readonly Line[] = [
    ["missing", missingText(sample, duplicatesBy === "source")],
    ["unreadable", unreadableText],
    ["unusable", unusableText(sample)],
    ["cut off", cutText(sample)],
    // For a listing, all photos were compared and are listed above.
    ["same", duplicatesBy === "content" ? null : sameText(sample)],
    [
      "delivered",
      counted(
        sample.alreadyDelivered,
        "already at the destination, not paid again; ordered crops that are missing are added",
      ),
    ],
    ["simulated", simulatedText(sample)],
    [sample.kept > 0 ? "kept" : "remade", otherRecipeText(sample)],
    ["taken", takenText(sample)],
    ["refused", counted(sample.ontoItself, "whose result would replace the photo itself: use another destination")],
    ...faceLines(sample.faces),
  ];
  return [
    ["looked at", `the beginning of ${looked === goodRows ? "all photos" : `${looked} photos; of these:`}`],
    ...found,
  ];
}

/** Says on how many photos the counts are based, because finding faces takes time. */
function faceLines(faces: QuoteSample["faces"]): readonly Line[] {
  if (faces === null) return [];
  const { looked, none, noneExamples, several, severalExamples, samePerson, samePersonExamples } = faces;
  const same =
    samePerson === 0
      ? null
      : `${samePerson} of the person of another one: ${pairsText(samePerson, samePersonExamples)}`;
  return [
    ["faces", `looked for in ${counted(looked, looked === 1 ? "photo" : "photos") ?? "no photo"}`],
    [
      "no face",
      none === 0 ? null : `${withExamples(none, noneExamples) ?? ""}: not sent, unless you give --faces warn`,
    ],
    ["several", several === 0 ? null : `${withExamples(several, severalExamples) ?? ""}: with several faces`],
    ["person", same],
  ];
}

function sameText({ sameContent, sameContentExamples }: QuoteSample): string | null {
  if (sameContent === 0) return null;
  return `${sameContent} with the content of another one: ${pairsText(sameContent, sameContentExamples)}`;
}

/** Only a complete read shows whether a photo that seems cut off is usable. */
function cutText({ seemCut, seemCutExamples }: QuoteSample): string | null {
  const names = withExamples(seemCut, seemCutExamples);
  return names === null ? null : `${names}: the end seems to be missing; copy them again`;
}

function simulatedText({ simulated }: QuoteSample): string | null {
  if (simulated === 0) return null;
  return `${simulated} at the destination ${simulated === 1 ? "is the simulator's picture, and is" : "are the simulator's pictures, and are"} made again`;
}

/** For example "12 have a result of another recipe (skin-smoothing · eco), about 0.60 USD". */
function otherRecipeText({ kept, otherRecipe: { results, usd, recipes } }: QuoteSample): string | null {
  if (results === 0) return null;
  const by = recipes.length === 0 ? "" : ` (${recipes.join("; ")})`;
  const worth = usd === null || usd === 0 ? "" : `, which cost about ${usdText(usd)}`;
  const not = kept > 0 ? ", not paid again" : "";
  return `${results} ${results === 1 ? "has a result" : "have results"} of another recipe at the destination${by}${worth}${not}`;
}

/** For example "2: chef.jpg (another photo's result), IMG_0001.jpg (not made by Darkroom, or changed since); …". */
function takenText({ taken, takenExamples }: QuoteSample): string | null {
  if (taken === 0) return null;
  const shown = takenExamples.map(({ destination, what }) => `${destination} (${what})`);
  return `${taken}: ${shortList(shown, taken, SHOWN_EXAMPLES)}; will be refused: move them away, or use --overwrite`;
}

/**
 * Formats each missing name with a photo that the user may have meant. The searched location is shown once, with the
 * first name.
 */
function missingText({ missing, missingExamples }: QuoteSample, isManifest: boolean): string | null {
  const [first] = missingExamples;
  if (missing === 0 || first === undefined) return null;
  const names = missingExamples.map(({ source, similar }) =>
    similar === null ? source : `${source} (${similarText(source, similar)})`,
  );
  const place = first.place === null ? "" : `; ${first.source} was looked for at ${shownPlace(first.place)}`;
  const base = isManifest ? "; --base <place> sets where a list's relative paths begin" : "";
  return `${missing}: ${shortList(names, missing, SHOWN_EXAMPLES)}${place}${base}`;
}

/** Formats the first unusable photos with their problems. The report lists all. */
function unusableText({ refused, refusedExamples }: QuoteSample): string | null {
  if (refused === 0) return null;
  return `${refused}, will be refused before anything is paid: ${withReasons(refused, refusedExamples)}`;
}

function withReasons(count: number, examples: readonly QuotedRefusal[]): string {
  const shown = examples.map(({ source, message }) => `${source} (${message})`);
  return shortList(shown, count, SHOWN_REFUSALS);
}

function withExamples(count: number, examples: readonly QuotedPhoto[]): string | null {
  if (count === 0) return null;
  const names = examples.map(({ source }) => source);
  return `${count}: ${shortList(names, count, SHOWN_EXAMPLES)}`;
}

function costText({ lane, cost: { usd, message, parts } }: Quote): string {
  const modes = parts.map(({ mode, portraits }) => `${portraits} ${mode}`).join(", ");
  const price = usd === null ? null : `${usdText(usd)} by the price table${parts.length > 1 ? ` (${modes})` : ""}`;
  if (!isTwinLane(lane)) return price === null ? (message ?? "not known") : `${price}, if each is paid for once`;
  const real = price === null ? "" : `; with the real provider it would be ${price}`;
  return `nothing: the simulator (twin) makes test pictures, and no provider is called or paid${real}`;
}

/** The quoted cost includes photos that would not be paid for. */
function usableCostText(quote: Quote): string | null {
  const { sample, cost, lane } = quote;
  const unpaid = unpaidPhotos(sample);
  if (unpaid === 0 || cost.usd === null || cost.usd === 0 || isTwinLane(lane)) return null;
  const usd = costOfUsableUsd(quote);
  if (usd !== undefined)
    return `about ${usdText(usd)} without the ${unpaid} that are refused, missing, delivered or kept`;
  return `less is paid: ${unpaid} of the ${sample.looked} photos checked are refused, missing, delivered or kept`;
}

function timeText({ minSeconds, maxSeconds, message, concurrency, ratePerMinute }: QuotedTime): string {
  if (minSeconds === null || maxSeconds === null) return message ?? "not known";
  const limits = `${concurrency} at once${ratePerMinute === null ? "" : `, ${ratePerMinute} a minute`}`;
  return `${durationText(minSeconds)} to ${durationText(maxSeconds)}, with ${limits}`;
}

function badRowsText({ firstBadRows, badRows }: Quote): string {
  const rows = firstBadRows.map(({ index, line, field, message }) => [line ?? `#${index}`, field ?? "", message]);
  const more = badRows - firstBadRows.length;
  const table = tableText(["LINE", "COLUMN", "WHAT IS WRONG"], rows);
  return more === 0 ? table : `${table}\nand ${more} more bad rows`;
}
