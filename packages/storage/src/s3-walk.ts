import type { ListWalk, ObjectInfo } from "@darkroom/core";
import { compareUtf8 } from "./utf8-order.ts";

/** Keys that are looked at together, a page of S3's. */
const AHEAD_KEYS = 1_000;

export interface WalkOptions {
  readonly walk: ListWalk;
  /** Where the listing begins. */
  readonly startAfter: string | undefined;
  /** Whether any key begins with this: a request. */
  readonly holds: (prefix: string) => Promise<boolean>;
}

/**
 * The keys of a listing that a walk wants. The keys are in order, so a folder that ends within the same thousand keys is
 * known whole: only a folder that goes on beyond them, or that began before the listing, is asked about by a request.
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

/** The folders in which a key lies, from the outside in. */
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
