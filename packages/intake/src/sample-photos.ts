import {
  DarkroomError,
  fingerprint,
  isDarkroomError,
  isKept,
  isTaken,
  isTwinLane,
  recipeFor,
  recipeHash,
  takenWords,
  whatLies,
  type AtDestination,
  type BatchSource,
  type ObjectHead,
  type ObjectStore,
  type OpenStore,
  type Overwrite,
  type PortraitRow,
  type ProviderName,
  type QuotedDuplicate,
  type QuotedMissing,
  type QuotedPhoto,
  type QuotedRefusal,
  type QuotedTaken,
  type QuoteSample,
  type Recipe,
  type WantedPicture,
} from "@darkroom/core";
import { findPhoto, keyWithoutTemplate, photoPlace, readsAsUrl, similarKey } from "@darkroom/manifest";
import { joinUrl, placeMark, replacesPhoto } from "@darkroom/storage";
import { inTurns } from "./in-turns.ts";
import { readBytes } from "./read-bytes.ts";
import { sumOtherRecipe } from "./other-recipe.ts";

/** Number of photos sampled by a quote. */
export const SAMPLED_PHOTOS = 50;
const MAX_EXAMPLES = 10;

/** Number of bytes of a photo that are searched for its header. */
const FIRST_BYTES = 64 * 1_024;

/** The bytes of a photo that a quote reads. */
interface PhotoBytes {
  readonly first: Uint8Array;
  /** Reads the last bytes, or the whole photo if it is shorter. */
  readonly last: (count: number) => Promise<Uint8Array>;
  readonly sizeBytes: number;
}

/** Findings in a photo's first and last bytes. */
interface SeenInside {
  /**
   * Why the provider would not accept the photo, with advice. Absent if the provider would accept it, or if unknown.
   */
  readonly refusal?: string | undefined;
  /** The file seems to be truncated. */
  readonly seemsCut?: boolean;
}

export type LookInside = (provider: ProviderName, photo: PhotoBytes) => Promise<SeenInside>;

export interface LookOptions {
  readonly openStore: OpenStore;
  readonly source: BatchSource;
  readonly destinationUrl: string;
  /** The batch's destination template. */
  readonly template: string | undefined;
  readonly recipe: Recipe;
  /** The lane whose provider processes the batch. */
  readonly lane: string;
  /** The files that the batch may replace; undefined if its submission omits this. */
  readonly overwrite: Overwrite | undefined;
  /** If absent, only the photos' heads are read. */
  readonly lookInside?: LookInside | undefined;
  readonly signal?: AbortSignal | undefined;
}

type Look =
  | { readonly kind: "missing" }
  | {
      readonly kind: "unreadable";
      /** The store's error. */
      readonly fault: DarkroomError;
    }
  | {
      readonly kind: "found";
      /** Undefined when the store does not distinguish contents. */
      readonly content: string | undefined;
      readonly there: AtDestination;
      /** A result of the photo that another recipe made. */
      readonly otherRecipe: ObjectHead | undefined;
      /** Description of another object at the destination's key; undefined when the result may be stored there. */
      readonly taken: string | undefined;
      readonly ontoItself: boolean;
      /** Why the provider would not accept the photo. */
      readonly refusal: string | undefined;
      readonly seemsCut: boolean;
    };

/**
 * Reads the first and last bytes of photos, and sends HEAD requests for their destinations.
 *
 * @throws DarkroomError `storage_unavailable` when the store answers for none of the photos; `internal` for a row with
 *   a link
 */
export async function samplePhotos(
  rows: readonly PortraitRow[],
  options: LookOptions,
): Promise<Omit<QuoteSample, "faces">> {
  const looks = await inTurns(rows, (row) => lookAt(row, options), options.signal);
  throwWhenAllFail(looks);
  const of = (kind: Look["kind"]): readonly PortraitRow[] => rows.filter((_, i) => looks[i]?.kind === kind);
  const examples = (found: readonly PortraitRow[]): readonly QuotedPhoto[] =>
    found.slice(0, MAX_EXAMPLES).map(({ index, id, source }) => ({ index, id, source }));
  const [missing, unreadable] = [of("missing"), of("unreadable")];
  const found = looks.filter((look) => look.kind === "found");
  const cut = rows.filter((_, i) => isCut(looks[i]));
  return {
    looked: rows.length,
    missing: missing.length,
    missingExamples: await withSimilar(missing.slice(0, MAX_EXAMPLES), options),
    unreadable: unreadable.length,
    unreadableExamples: withMessages(rows, looks, (look) =>
      look.kind === "unreadable" ? look.fault.message : undefined,
    ).slice(0, MAX_EXAMPLES),
    ...refusals(rows, looks),
    seemCut: cut.length,
    seemCutExamples: examples(cut),
    ...sameContentOf(rows, looks),
    alreadyDelivered: found.filter(({ there }) => there === "delivered").length,
    simulated: found.filter(({ there }) => there === "simulated").length,
    otherRecipe: await sumOtherRecipe(
      options.openStore(options.destinationUrl),
      found.map(({ otherRecipe }) => otherRecipe).filter((head) => head !== undefined),
    ),
    kept: found.filter(({ there }) => isKept(there, options.overwrite)).length,
    ...takenOf(rows, looks),
    ontoItself: found.filter(({ ontoItself }) => ontoItself).length,
  };
}

function takenOf(rows: readonly PortraitRow[], looks: readonly Look[]): Pick<QuoteSample, "taken" | "takenExamples"> {
  const found = rows.flatMap(({ index, id, source, destination }, i): readonly QuotedTaken[] => {
    const look = looks[i];
    // Photos refused for another reason are reported under that reason.
    if (look?.kind !== "found" || look.ontoItself || look.refusal !== undefined || look.taken === undefined) return [];
    return [{ index, id, source, destination, what: look.taken }];
  });
  return { taken: found.length, takenExamples: found.slice(0, MAX_EXAMPLES) };
}

/** Each refused photo is named once. */
function isCut(look: Look | undefined): boolean {
  return look?.kind === "found" && look.seemsCut && look.refusal === undefined;
}

async function withSimilar(
  rows: readonly PortraitRow[],
  { openStore, source: batchSource, signal }: LookOptions,
): Promise<readonly QuotedMissing[]> {
  const found: QuotedMissing[] = [];
  for (const row of rows) {
    const { index, id, source } = row;
    const photo = photoPlace(openStore, batchSource, row);
    const similar = photo instanceof URL ? undefined : await similarKey(photo.store, photo.key, signal);
    found.push({ index, id, source, similar: similar ?? null, place: placeOf(batchSource, source) });
  }
  return found;
}

/** Returns the full URL of a row's photo. */
function placeOf(batchSource: BatchSource, source: string): string | null {
  if (readsAsUrl(source)) return source;
  const base = batchSource.kind === "prefix" ? batchSource.url : batchSource.baseUrl;
  return base === undefined ? null : joinUrl(base, source);
}

function refusals(
  rows: readonly PortraitRow[],
  looks: readonly Look[],
): Pick<QuoteSample, "refused" | "refusedExamples"> {
  const found = withMessages(rows, looks, (look) =>
    look.kind === "found" && !look.ontoItself ? look.refusal : undefined,
  );
  return { refused: found.length, refusedExamples: found.slice(0, MAX_EXAMPLES) };
}

function withMessages(
  rows: readonly PortraitRow[],
  looks: readonly Look[],
  messageOf: (look: Look) => string | undefined,
): readonly QuotedRefusal[] {
  return rows.flatMap(({ index, id, source }, i) => {
    const look = looks[i];
    const message = look === undefined ? undefined : messageOf(look);
    return message === undefined ? [] : [{ index, id, source, message }];
  });
}

/** A single unreadable photo is reported as such. If no photo is readable, the store is at fault. */
function throwWhenAllFail(looks: readonly Look[]): void {
  const [first] = looks;
  if (first?.kind !== "unreadable" || !first.fault.retryable) return;
  if (looks.every((look) => look.kind === "unreadable" && look.fault.retryable)) throw first.fault;
}

/** Counts portraits whose photo repeats an earlier one under a different name. */
function sameContentOf(
  rows: readonly PortraitRow[],
  looks: readonly Look[],
): Pick<QuoteSample, "sameContent" | "sameContentExamples"> {
  const firsts = new Map<string, PortraitRow>();
  const sources = new Set<string>();
  const found = rows.flatMap((row, i): readonly QuotedDuplicate[] => {
    const look = looks[i];
    if (look?.kind !== "found" || look.content === undefined || sources.has(row.source)) return [];
    sources.add(row.source);
    const first = firsts.get(look.content);
    if (first === undefined) {
      firsts.set(look.content, row);
      return [];
    }
    const { index, id, source } = row;
    return [{ index, id, source, of: first.source, ofId: first.id }];
  });
  return { sameContent: found.length, sameContentExamples: found.slice(0, MAX_EXAMPLES) };
}

async function lookAt(row: PortraitRow, options: LookOptions): Promise<Look> {
  const { openStore, source, destinationUrl, recipe, lane, overwrite, lookInside } = options;
  let head: ObjectHead | undefined;
  let refusal: string | undefined;
  let seemsCut = false;
  const destination = openStore(destinationUrl);
  let ontoItself = false;
  let place = "";
  try {
    const photo = await findPhoto(openStore, source, row);
    if (photo instanceof URL)
      throw new DarkroomError("internal", `portrait ${row.index} has a link, which has no HEAD`);
    ontoItself = replacesPhoto({ store: destination, key: row.destination }, photo);
    place = placeMark(photo);
    head = await photo.store.head(photo.key);
    if (head !== undefined && lookInside !== undefined) {
      const { sizeBytes } = head;
      const read = (start: number, end: number) =>
        readBytes(photo.store, photo.key, { range: { start, end }, signal: options.signal });
      const first = await read(0, FIRST_BYTES - 1);
      const last = async (count: number): Promise<Uint8Array> =>
        first.length >= sizeBytes ? first.slice(-count) : await read(Math.max(0, sizeBytes - count), sizeBytes - 1);
      ({ refusal, seemsCut = false } = await lookInside(recipe.provider, { first, last, sizeBytes }));
    }
  } catch (error) {
    // The photo was deleted between the two reads.
    if (isDarkroomError(error, "storage_not_found")) return { kind: "missing" };
    if (isDarkroomError(error) && error.code.startsWith("storage_")) return { kind: "unreadable", fault: error };
    throw error;
  }
  if (head === undefined) return { kind: "missing" };
  const its = recipeFor(recipe, row);
  const wanted: WantedPicture = {
    fingerprint: fingerprint(head, its, row.profileIds),
    place,
    recipe: recipeHash(its, row.profileIds),
    simulated: isTwinLane(lane),
  };
  const result = await headOrInvalid(destination, row.destination);
  if (result instanceof DarkroomError) refusal ??= result.message;
  const resultHead = result instanceof DarkroomError ? undefined : result;
  const atKey = whatLies(resultHead, wanted);
  const there = atKey === "nothing" && (await hasPlainResult(row, wanted, options)) ? "delivered" : atKey;
  const isOtherRecipe = there === "other-recipe";
  return {
    kind: "found",
    content: head.etag === "" ? undefined : `${head.etag}/${head.sizeBytes}`,
    there,
    otherRecipe: isOtherRecipe ? resultHead : undefined,
    taken: isTaken(there, overwrite ?? false) && !isOtherRecipe ? takenWords(there, resultHead) : undefined,
    ontoItself,
    refusal,
    seemsCut,
  };
}

/** True if the batch will copy the photo's result from its name without the template. */
async function hasPlainResult(
  row: PortraitRow,
  wanted: WantedPicture,
  { openStore, source, destinationUrl, template, recipe }: LookOptions,
): Promise<boolean> {
  const key = keyWithoutTemplate({ source, template, format: recipe.output.format }, row);
  if (key === undefined) return false;
  const result = await headOrInvalid(openStore(destinationUrl), key);
  return !(result instanceof DarkroomError) && whatLies(result, wanted) === "delivered";
}

/** Returns the error if the store can hold no object with this name. */
async function headOrInvalid(store: ObjectStore, key: string): Promise<ObjectHead | DarkroomError | undefined> {
  try {
    return await store.head(key);
  } catch (error) {
    if (isDarkroomError(error, "storage_invalid")) return error;
    throw error;
  }
}
