import {
  DARKROOM_FOLDER,
  RESULT_METADATA,
  RESULT_NOTES_FOLDER,
  isBatchId,
  isDarkroomError,
  type BatchSpec,
  type ListWalk,
  type ObjectStore,
  type OpenStore,
} from "@darkroom/core";
import { KeySet } from "./key-set.ts";
import { readBatchSpec } from "./read-batch-spec.ts";
import { extraNames, resultNames } from "./result-names.ts";

/** Number of a destination's newest batches whose source is checked. */
const MOST_BATCHES = 200;

/**
 * Distinguishes results of any batch from photos. A folder below the source that contains `_darkroom/` is a
 * destination, so everything in it is a result. For the source itself, and for a destination that also contains its
 * batches' photos, the batches' own lists decide. In a local folder without `_darkroom/`, each file's own mark decides.
 */
export class ResultFolders {
  readonly #openStore: OpenStore;
  readonly #store: ObjectStore;
  readonly #signal: AbortSignal | undefined;
  /** Keys of results that are stored among photos. */
  readonly #keys = new KeySet();
  #isDestination = false;
  #isOfResults = false;

  private constructor(openStore: OpenStore, store: ObjectStore, signal: AbortSignal | undefined) {
    this.#openStore = openStore;
    this.#store = store;
    this.#signal = signal;
  }

  static async under(openStore: OpenStore, store: ObjectStore, signal?: AbortSignal): Promise<ResultFolders> {
    const found = new ResultFolders(openStore, store, signal);
    if ((await found.#nextIn("", undefined)) !== undefined) {
      found.#isDestination = true;
      await found.#learn("");
    }
    return found;
  }

  /** True if the source itself contains the results of batches, but not their photos. */
  get isOfResults(): boolean {
    return this.#isOfResults;
  }

  /**
   * True for a result that is stored among photos, or for a variation or cut of a result that is itself a photo of the
   * source.
   */
  holds(key: string): boolean {
    return this.#keys.has(key);
  }

  /** True for a folder, with a trailing slash, that contains only results. */
  async isFolderOf(
    folder: string,
    kind: ObjectStore["kind"],
    has: (name: string) => Promise<boolean>,
  ): Promise<boolean> {
    if (await has(DARKROOM_FOLDER)) return !(await this.#learn(folder));
    // Results that were moved here, or whose `_darkroom` was deleted. The source's own notes do not count.
    if (kind === "local" && !this.#isDestination && (await has(RESULT_NOTES_FOLDER))) await this.#learnMarked(folder);
    return false;
  }

  /** Reads which files directly in a folder are marked as results. Photos beside them have no such mark. */
  async #learnMarked(folder: string): Promise<void> {
    const walk: ListWalk = {
      wants: () => true,
      enters: (inner) => Promise.resolve(folder.startsWith(inner)),
      passesOver: () => undefined,
    };
    const signal = this.#signal === undefined ? {} : { signal: this.#signal };
    for await (const { key } of this.#store.list({ prefix: folder, walk, ...signal })) {
      const head = await this.#store.head(key);
      if (head?.metadata[RESULT_METADATA.batch] !== undefined) this.#keys.add(key);
    }
  }

  /**
   * Reads the results of a destination that also contains its batches' photos, or the variations and cuts in a source
   * that contains only results. Returns false if the destination contains no photos.
   */
  async #learn(folder: string): Promise<boolean> {
    const specs = await this.#specsIn(folder);
    const place = this.#openStore(`${this.#store.url}${encoded(this.#store, folder)}`);
    const photosOf = ({ source }: BatchSpec) => (source.kind === "prefix" ? source.url : source.baseUrl);
    const hasPhotos = specs.some((spec) => photosOf(spec)?.startsWith(place.url) === true);
    // If the source is a folder of results, its photos are the main pictures.
    if (!hasPhotos && folder === "") this.#isOfResults = specs.length > 0;
    else if (!hasPhotos) return false;
    const namesOf = hasPhotos ? resultNames : extraNames;
    for (const spec of specs) {
      try {
        for await (const key of namesOf(place, spec)) this.#keys.add(folder + key);
      } catch (error) {
        // A damaged or missing list names no results. The lists of other batches remain usable.
        if (!isDarkroomError(error) || error.retryable) throw error;
      }
    }
    return hasPhotos;
  }

  async #specsIn(folder: string): Promise<readonly BatchSpec[]> {
    const ids: string[] = [];
    for (let after: string | undefined; ;) {
      const name = await this.#nextIn(folder, after);
      if (name === undefined) break;
      if (isBatchId(name)) ids.push(name);
      after = `${folder}${DARKROOM_FOLDER}/${name}/\u{10ffff}`;
    }
    const specs: BatchSpec[] = [];
    // Ids sort by time.
    for (const id of ids.slice(-MOST_BATCHES)) {
      const spec = await readBatchSpec(this.#store, id, folder);
      if (spec !== undefined) specs.push(spec);
    }
    return specs;
  }

  /** Returns the next name in the folder's `_darkroom/`. */
  async #nextIn(folder: string, startAfter: string | undefined): Promise<string | undefined> {
    const prefix = `${folder}${DARKROOM_FOLDER}/`;
    const listing = this.#store.list({
      prefix,
      ...(startAfter === undefined ? {} : { startAfter }),
      ...(this.#signal === undefined ? {} : { signal: this.#signal }),
    });
    for await (const { key } of listing) return key.slice(prefix.length).split("/")[0];
    return undefined;
  }
}

/** Encodes a key as in the store's URL. */
function encoded({ kind }: ObjectStore, key: string): string {
  return kind === "s3" ? key : key.split("/").map(encodeURIComponent).join("/");
}
