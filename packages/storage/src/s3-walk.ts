import type { ListWalk, ObjectInfo } from "@darkroom/core";
import { compareUtf8 } from "./utf8-order.ts";

/** Number of keys inspected together: one S3 page. */
const AHEAD_KEYS = 1_000;

export interface WalkOptions {
  readonly walk: ListWalk;
  /** Key after which the listing starts. */
  readonly startAfter: string | undefined;
  /** Returns whether any key has this prefix. Costs a request. */
  readonly holds: (prefix: string) => Promise<boolean>;
}

/**
 * Yields the requested keys of a listing. Keys are sorted, so a folder that ends within the same page is fully known.
 * Only a folder that continues beyond the page, or started before the listing, costs a request.
 */
export async function* walkKeys(
  objects: AsyncIterable<ObjectInfo>,
  { walk, startAfter, holds }: WalkOptions,
): AsyncGenerator<ObjectInfo> {
  let refused: string | undefined;
  let entered: readonly string[] = [];
  for await (const { keys, isLast } of chunksOf(objects)) {
    const has = (folder: string, from: number) => {
      return async (name: string): Promise<boolean> => {
        const prefix = `${folder}${name}/`;
        const last = keys.at(-1)?.key ?? "";
        for (let i = from; i < keys.length && keys[i]?.key.startsWith(folder) === true; i += 1) {
          if (keys[i]?.key.startsWith(prefix) === true) return true;
        }
        const isPast = isLast || !last.startsWith(folder) || compareUtf8(last, prefix) > 0;
        const beganBefore =
          startAfter !== undefined && compareUtf8(startAfter, prefix) > 0 && startAfter.startsWith(folder);
        return isPast && !beganBefore ? false : await holds(prefix);
      };
    };
    for (const [place, object] of keys.entries()) {
      if (refused !== undefined && object.key.startsWith(refused)) continue;
      refused = undefined;
      const folders = foldersOf(object.key);
      for (const [depth, folder] of folders.entries()) {
        if (entered[depth] === folder) continue;
        if (!(await walk.enters(folder, has(folder, place)))) {
          refused = folder;
          entered = folders.slice(0, depth);
          break;
        }
      }
      if (refused !== undefined) continue;
      entered = folders;
      if (walk.wants(object.key)) yield object;
    }
  }
}

/** Returns the folders of a key, outermost first. */
function foldersOf(key: string): readonly string[] {
  const folders: string[] = [];
  for (let slash = key.indexOf("/"); slash !== -1; slash = key.indexOf("/", slash + 1)) {
    folders.push(key.slice(0, slash + 1));
  }
  return folders;
}

async function* chunksOf(
  objects: AsyncIterable<ObjectInfo>,
): AsyncGenerator<{ readonly keys: readonly ObjectInfo[]; readonly isLast: boolean }> {
  let keys: ObjectInfo[] = [];
  for await (const object of objects) {
    if (keys.length === AHEAD_KEYS) {
      yield { keys, isLast: false };
      keys = [];
    }
    keys.push(object);
  }
  if (keys.length > 0) yield { keys, isLast: true };
}
