import {
  DARKROOM_FOLDER,
  fingerprint,
  isCompared,
  isDarkroomError,
  isRejected,
  isTwinLane,
  leftBehind,
  MOST_LEFT_BEHIND,
  OUTCOMES,
  recipeFor,
  recipeHash,
  recipeOfPortrait,
  type BatchSource,
  type LeftBehind,
  type LeftBehindCounts,
  type LeftBehindFile,
  type ObjectHead,
  type ObjectStore,
  type OpenStore,
  type OutcomeLine,
  type PortraitRow,
  type Recipe,
  type SnapshotRow,
  type WantedPicture,
} from "@darkroom/core";
import { inTurns } from "@darkroom/intake";
import type { BatchRecord } from "@darkroom/ledger";
import { findPhoto, KeySet, photoPlace } from "@darkroom/manifest";
import { placeMark } from "@darkroom/storage";

/** Portraits without a picture above which an S3 destination is listed once, instead of one request for each. */
const LIST_ABOVE = 1_000;

/** A portrait with its outcome, as the report shows it. */
export interface EndedPortrait {
  readonly row: SnapshotRow;
  readonly outcome: Pick<OutcomeLine, "code" | "round" | "lane">;
}

/** Provides the stores, and ends the search when the process stops. */
interface Surroundings {
  readonly openStore: OpenStore;
  readonly signal: AbortSignal;
}

/**
 * Finds the files that remain at the keys of portraits that ended without their picture. Such a file may show another
 * person, or be a test picture. Sends one request for each of these portraits, or lists the destination if there are
 * many. Examines at most {@link MOST_LEFT_BEHIND} files.
 */
export class LeftBehindSearch {
  readonly #around: Surroundings;
  readonly #destination: ObjectStore;
  readonly #record: Pick<BatchRecord, "spec" | "rounds">;
  /** Keys in the destination; undefined if it was not listed. */
  readonly #keys: KeySet | undefined;
  readonly #recipes = new Map<number, Recipe>();
  readonly #counts = new Map<LeftBehind, number>();
  readonly #listed: { readonly index: number; readonly kind: LeftBehind }[] = [];
  #examined = 0;

  private constructor(
    around: Surroundings,
    destination: ObjectStore,
    record: Pick<BatchRecord, "spec" | "rounds">,
    keys: KeySet | undefined,
  ) {
    this.#around = around;
    this.#destination = destination;
    this.#record = record;
    this.#keys = keys;
  }

  /** Prepares the search in a batch's destination. */
  static async over(
    around: Surroundings,
    destination: ObjectStore,
    record: Pick<BatchRecord, "spec" | "rounds" | "counts">,
  ): Promise<LeftBehindSearch> {
    const { failed, cancelled } = record.counts;
    // A local listing reads every file. A request for a missing local file costs almost nothing.
    const lists = destination.kind === "s3" && failed + cancelled > LIST_ABOVE;
    const keys = lists ? await keysOf(destination, around.signal) : undefined;
    return new LeftBehindSearch(around, destination, record, keys);
  }

  /** Examines the keys of some portraits. Call once per portrait. Returns a portrait's index → the file at its key. */
  async look(portraits: readonly EndedPortrait[]): Promise<ReadonlyMap<number, LeftBehind>> {
    const lost = portraits.filter(({ outcome }) => isWithoutPicture(outcome.code));
    const kinds = await inTurns(lost, (portrait) => this.#kindOf(portrait), this.#around.signal);
    const found = new Map<number, LeftBehind>();
    for (const [place, { row }] of lost.entries()) {
      const kind = kinds[place];
      if (kind === undefined) continue;
      found.set(row.index, kind);
      this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1);
      if (this.#listed.length < MOST_LEFT_BEHIND) this.#listed.push({ index: row.index, kind });
    }
    return found;
  }

  get counts(): LeftBehindCounts {
    return Object.fromEntries(this.#counts);
  }

  /** The contents of `left-behind.json`. */
  get file(): LeftBehindFile {
    return { portraits: this.#listed };
  }

  async #kindOf({ row, outcome }: EndedPortrait): Promise<LeftBehind | undefined> {
    if (isRejected(row)) return undefined;
    if (this.#keys?.has(row.destination) === false) return undefined;
    if (this.#examined >= MOST_LEFT_BEHIND && this.#keys !== undefined) return "not_examined";
    const head = await this.#headOf(row.destination);
    if (head === undefined || head === "not_examined") return head;
    if (this.#examined >= MOST_LEFT_BEHIND) return "not_examined";
    this.#examined += 1;
    const wanted = await this.#wanted(row, outcome);
    return leftBehind(head, wanted, wanted.fingerprint !== "" || isCompared(outcome.code));
  }

  /** A store that refuses the look must not prevent the batch's end. */
  async #headOf(key: string): Promise<ObjectHead | "not_examined" | undefined> {
    try {
      return await this.#destination.head(key);
    } catch (error) {
      // No object can exist under an invalid name.
      if (isDarkroomError(error, "storage_invalid")) return undefined;
      if (isRefusal(error)) return "not_examined";
      throw error;
    }
  }

  async #wanted(row: PortraitRow, { code, round = 0, lane }: EndedPortrait["outcome"]): Promise<WantedPicture> {
    const { spec } = this.#record;
    const recipe = recipeFor(this.#recipeOf(round), row);
    const { etag, sizeBytes, profileIds } = row;
    // The worker compared the photo itself, and a retry may have met another photo than the listing.
    const isKnown = etag !== undefined && sizeBytes !== undefined && round === 0 && !isCompared(code);
    return {
      fingerprint: isKnown ? fingerprint({ etag, sizeBytes }, recipe, profileIds) : "",
      place: await placeOf(this.#around.openStore, spec.source, row),
      recipe: recipeHash(recipe, profileIds),
      scheduled: spec.schedule !== undefined,
      simulated: isTwinLane(lane ?? spec.lane),
    };
  }

  #recipeOf(round: number): Recipe {
    const { spec, rounds } = this.#record;
    const recipe = this.#recipes.get(round) ?? recipeOfPortrait(spec.recipe, rounds, round);
    this.#recipes.set(round, recipe);
    return recipe;
  }
}

function isWithoutPicture(code: OutcomeLine["code"]): boolean {
  const { state } = OUTCOMES[code];
  return state === "failed" || state === "cancelled";
}

/** Lists the destination's keys. Undefined if the store does not allow that. */
async function keysOf(store: ObjectStore, signal: AbortSignal): Promise<KeySet | undefined> {
  const keys = new KeySet();
  try {
    for await (const { key } of store.list({ signal })) if (!key.startsWith(`${DARKROOM_FOLDER}/`)) keys.add(key);
  } catch (error) {
    if (isRefusal(error)) return undefined;
    throw error;
  }
  return keys;
}

/**
 * True if the credentials do not permit the check. Without permission to list, S3 also denies access to a missing key.
 */
function isRefusal(error: unknown): boolean {
  return isDarkroomError(error, "storage_denied") || isDarkroomError(error, "storage_refused");
}

/** Returns the mark of a photo's place, even if its store is not available. Empty if the place is not allowed. */
async function placeOf(openStore: OpenStore, source: BatchSource, row: PortraitRow): Promise<string> {
  try {
    return placeMark(await findPhoto(openStore, source, row));
  } catch (error) {
    if (!isDarkroomError(error)) throw error;
  }
  try {
    return placeMark(photoPlace(openStore, source, row));
  } catch (error) {
    if (!isDarkroomError(error)) throw error;
    return "";
  }
}
