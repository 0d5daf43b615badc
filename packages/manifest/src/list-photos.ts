import { DARKROOM_FOLDER, type LeftOutCount, type ListWalk, type ObjectStore, type OpenStore } from "@darkroom/core";
import { fileKind, isSystemFolder } from "./file-kinds.ts";
import { KeyGlobs } from "./key-globs.ts";
import { pairRaws, type ListedObject } from "./pair-raws.ts";
import { ResultFolders } from "./result-folders.ts";

/** Maximum number of unmatched globs named in a note. */
const MOST_NOTES = 10;

const RESULTS_NOTE =
  "the source is a folder of Darkroom's results: this batch enhances the results again, except their crops and variations";

export interface ListPhotosOptions {
  /** Only keys that match one of these globs. Defaults to all. */
  readonly include?: readonly string[] | undefined;
  readonly exclude?: readonly string[] | undefined;
  /** Keys with one of these prefixes are results. */
  readonly leaveOut?: readonly string[];
  /** Counts the files left out. */
  readonly leftOut: LeftOutCount;
  /** Called if the source is a folder of results, and at the end for each glob of `include` that matches no photo. */
  readonly onNote?: ((note: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Lists the photos of a store in key order: pictures by extension, and camera raw files without a picture of the same
 * name. Leaves out and counts everything else: system files and folders, other file types, excluded names, and the
 * results of any batch (see {@link ResultFolders}).
 *
 * @throws DarkroomError `invalid_input` for an invalid glob
 */
export async function* listPhotos(
  openStore: OpenStore,
  url: string,
  options: ListPhotosOptions,
): AsyncGenerator<ListedObject> {
  const { signal, leftOut, onNote } = options;
  const globs = new KeyGlobs(options.include, options.exclude);
  const store = openStore(url);
  const results = await ResultFolders.under(openStore, store, signal);
  if (results.isOfResults) onNote?.(RESULTS_NOTE);
  const walk = walkOf(store, results, globs, options);
  yield* pairRaws(store.list(signal === undefined ? { walk } : { walk, signal }), leftOut);
  for (const note of globs.unmatched().slice(0, MOST_NOTES)) onNote?.(note);
}

function walkOf(
  { kind }: ObjectStore,
  results: ResultFolders,
  globs: KeyGlobs,
  { leaveOut = [], leftOut }: ListPhotosOptions,
): ListWalk {
  const isOwn = (key: string): boolean => leaveOut.some((prefix) => key.startsWith(prefix));
  return {
    wants(key) {
      const why = isOwn(key) || results.holds(key) ? "results" : globs.takes(key) ? fileKind(key) : "filtered";
      if (why === "photo" || why === "raw") {
        globs.sawPhoto(key);
        return true;
      }
      leftOut.add(why, key);
      return false;
    },
    async enters(folder, has) {
      const name = folder.slice(folder.lastIndexOf("/", folder.length - 2) + 1, -1);
      const why = isSystemFolder(name)
        ? "system"
        : name === DARKROOM_FOLDER || isOwn(folder)
          ? "results"
          : globs.excludesAllIn(folder)
            ? "filtered"
            : (await results.isFolderOf(folder, kind, has))
              ? "results"
              : undefined;
      if (why !== undefined) leftOut.add(why, folder);
      return why === undefined;
    },
    passesOver(key, why) {
      leftOut.add(why === "hidden" ? "system" : why, key);
    },
  };
}
