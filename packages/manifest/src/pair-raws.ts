import { extensionOf, type LeftOutCount, type ObjectInfo } from "@darkroom/core";
import { fileKind } from "./file-kinds.ts";

/** Number of keys from which a shared name cannot be a camera's. */
const MOST_ALIKE = 1_000;

/** A photo of a listing, and the keys of its folder that share its name up to the extension. */
export interface ListedObject extends ObjectInfo {
  readonly beside: readonly string[];
}

/**
 * Leaves out raw files that have a picture of the same name beside them (`IMG_1.CR2`, `IMG_1.JPG`), as written by
 * cameras. Keys of one name are adjacent in a listing, so the buffer contains only the keys of one name.
 */
export async function* pairRaws(
  objects: AsyncIterable<ObjectInfo>,
  leftOut: LeftOutCount,
): AsyncGenerator<ListedObject> {
  let alike: ObjectInfo[] = [];
  let start: string | undefined;
  const paired = function* (): Generator<ListedObject> {
    const beside = alike.length === 1 ? [] : alike.map(({ key }) => key);
    const names = new Set(alike.filter(({ key }) => fileKind(key) === "photo").map(({ key }) => nameOf(key)));
    for (const object of alike) {
      const { key } = object;
      // Some programs name the picture IMG_1.CR2.jpg.
      if (fileKind(key) === "raw" && (names.has(nameOf(key)) || names.has(key))) leftOut.add("raw", key);
      else yield { ...object, beside };
    }
    alike = [];
  };
  for await (const object of objects) {
    if (start !== undefined && (!object.key.startsWith(start) || alike.length >= MOST_ALIKE)) {
      yield* paired();
      start = undefined;
    }
    start ??= `${nameOf(object.key)}.`;
    alike.push(object);
  }
  yield* paired();
}

/** Returns a key without its extension. */
function nameOf(key: string): string {
  const extension = extensionOf(key);
  return extension === "" ? key : key.slice(0, -(extension.length + 1));
}
