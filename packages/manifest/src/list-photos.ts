import { DARKROOM_FOLDER, type LeftOutCount, type ListWalk, type ObjectStore, type OpenStore } from "@darkroom/core";
import { fileKind, isSystemFolder } from "./file-kinds.ts";
import { KeyGlobs } from "./key-globs.ts";
import { pairRaws, type ListedObject } from "./pair-raws.ts";
import { ResultFolders } from "./result-folders.ts";

/** Globs without a photo that are named. */
const MOST_NOTES = 10;

export interface ListPhotosOptions {
  /** Only keys that one of these globs matches. Defaults to all. */
  readonly include?: readonly string[] | undefined;
  readonly exclude?: readonly string[] | undefined;
  /** Keys that begin with one of these are results. */
  readonly leaveOut?: readonly string[];
  /** Counts what is left out. */
  readonly leftOut: LeftOutCount;
  /** Told, at the end, of each glob of `include` that no photo matches. */
  readonly onNote?: ((note: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The photos of a store, in the order of its keys: pictures by their extension, and camera raw files that no picture of
 * the same name stands beside. Left out and counted is all else: files and folders of systems, other kinds of file, what
 * the globs leave out, and what Darkroom has made, whichever batch it was (see {@link ResultFolders}).
 *
 * @throws DarkroomError `invalid_input` for a glob that cannot be read
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
