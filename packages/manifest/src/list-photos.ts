import picomatch from "picomatch";
import { DarkroomError, type ObjectInfo, type ObjectStore } from "@darkroom/core";
import { isPhotoKey } from "./photo-keys.ts";

// A + is one: as a quantifier of a group it could take for ever.
const OPTIONS = { nocase: true, dot: true, regex: false };

export interface ListPhotosOptions {
  /** Only keys that one of these globs matches. Defaults to all. */
  readonly include?: readonly string[] | undefined;
  readonly exclude?: readonly string[] | undefined;
  /** Keys that begin with one of these are left out. */
  readonly leaveOut?: readonly string[];
  readonly signal?: AbortSignal | undefined;
}

/**
 * The photos of a store, in the order of its keys: pictures by their extension; not hidden files and folders, not the
 * "folders" that consoles make, nothing of Darkroom's own. A glob without a slash is for the file's name in any folder
 * (`*.png`), one with a slash for the whole key (`2026/**`); case does not matter.
 *
 * @throws DarkroomError `invalid_input` for a glob that cannot be read
 */
export async function* listPhotos(store: ObjectStore, options: ListPhotosOptions): AsyncGenerator<ObjectInfo> {
  const included = matcher("include", options.include);
  const excluded = matcher("exclude", options.exclude);
  const leaveOut = options.leaveOut ?? [];
  const listing = store.list(options.signal === undefined ? {} : { signal: options.signal });
  for await (const object of listing) {
    if (!isPhotoKey(object.key)) continue;
    if (leaveOut.some((prefix) => object.key.startsWith(prefix))) continue;
    if (included?.(object.key) === false || excluded?.(object.key) === true) continue;
    yield object;
  }
}

/**
 * How often a glob may say "anything". Each more multiplies the time that a name takes by its length, in which nothing
 * else is done: with 40 of them one name takes longer than anybody waits.
 */
const MOST_WILDCARDS = 4;

function checkEffort(field: string, glob: string): void {
  const costly = `${field} holds a glob that `;
  const count = wildcardsOf(glob);
  if (count > MOST_WILDCARDS) {
    const message = `${costly}holds * ${count} times, which takes too long; use it at most ${MOST_WILDCARDS} times`;
    throw new DarkroomError("invalid_input", message, { field });
  }
  if (!/[*+]\(/.test(glob)) return;
  const message = `${costly}repeats a group, which may take for ever; write * or name the alternatives: {a,b}`;
  throw new DarkroomError("invalid_input", message, { field });
}

/** Of alternatives in braces the one with the most counts. */
function wildcardsOf(glob: string): number {
  const count = (text: string): number => text.match(/\*+|!\(/g)?.length ?? 0;
  const most = (alternatives: string): string => {
    return alternatives.split(",").reduce((worst, each) => (count(each) > count(worst) ? each : worst));
  };
  for (let text = glob; ;) {
    const next = text.replaceAll(/\{([^{}]*)\}/g, (_, alternatives: string) => most(alternatives));
    if (next === text) return count(text);
    text = next;
  }
}

function matcher(field: "include" | "exclude", globs: readonly string[] = []): ((key: string) => boolean) | undefined {
  if (globs.length === 0) return undefined;
  for (const glob of globs) checkEffort(field, glob);
  const [byName, byPath] = [false, true].map((slash) => globs.filter((glob) => glob.includes("/") === slash));
  try {
    const name = picomatch(byName ?? [], OPTIONS);
    const path = picomatch(byPath ?? [], OPTIONS);
    return (key) => path(key) || name(key.slice(key.lastIndexOf("/") + 1));
  } catch (cause) {
    const message = `${field} holds a glob that cannot be read; write one like *.png or 2026/**`;
    throw new DarkroomError("invalid_input", message, { field, cause });
  }
}
