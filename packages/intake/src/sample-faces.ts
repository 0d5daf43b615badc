import type {
  BatchSource,
  OpenStore,
  PhotoWarning,
  PortraitRow,
  QuotedDuplicate,
  QuotedFaces,
  QuotedPhoto,
} from "@darkroom/core";
import { findPhoto } from "@darkroom/manifest";
import { readBytes } from "./read-bytes.ts";

/** Time for finding faces in a quote's photos; a photo takes about 0.2 s. */
const TIME_MS = 5_000;
/** Larger photos are not read for a quote. */
const MOST_BYTES = 40_000_000;
const MAX_EXAMPLES = 10;

/** The faces found in one photo, kept in memory for the comparison with the quote's other photos. */
export interface SeenFaces {
  readonly warnings: readonly PhotoWarning[];
  /** True if both photos certainly show the same person. */
  readonly isSamePerson: (other: SeenFaces) => boolean;
}

/** Looks for faces in a photo; undefined if faces are off or it cannot be decoded. */
export type LookAtFaces = (read: () => Promise<Uint8Array>) => Promise<SeenFaces | undefined>;

export interface FaceLookOptions {
  readonly openStore: OpenStore;
  readonly source: BatchSource;
  readonly lookAtFaces: LookAtFaces;
  readonly signal?: AbortSignal | undefined;
  /** Defaults to five seconds. */
  readonly timeMs?: number;
}

/**
 * Searches photos spread over the sample for faces, until the time limit. Skips missing and unreadable photos, which
 * the sample already reports.
 *
 * @returns null if no photo could be searched
 */
export async function sampleFaces(rows: readonly PortraitRow[], options: FaceLookOptions): Promise<QuotedFaces | null> {
  const { lookAtFaces, signal, timeMs = TIME_MS } = options;
  const end = performance.now() + timeMs;
  const seen = new Map<number, { readonly row: PortraitRow; readonly faces: SeenFaces }>();
  for (const place of spreadOrder(rows.length)) {
    if (performance.now() >= end) break;
    signal?.throwIfAborted();
    const row = rows[place];
    const read = row === undefined ? undefined : await readerOf(row, options);
    if (row === undefined || read === undefined) continue;
    const faces = await lookAtFaces(read).catch(() => undefined);
    if (faces !== undefined) seen.set(place, { row, faces });
  }
  if (seen.size === 0) return null;
  const looked = [...seen].toSorted(([one], [other]) => one - other).map(([, each]) => each);
  const withWarning = (warning: PhotoWarning): readonly QuotedPhoto[] =>
    looked
      .filter(({ faces }) => faces.warnings.includes(warning))
      .map(({ row: { index, id, source } }) => ({ index, id, source }));
  const [none, several, same] = [withWarning("no_face"), withWarning("several_faces"), samePeople(looked)];
  return {
    looked: looked.length,
    none: none.length,
    noneExamples: none.slice(0, MAX_EXAMPLES),
    several: several.length,
    severalExamples: several.slice(0, MAX_EXAMPLES),
    samePerson: same.length,
    samePersonExamples: same.slice(0, MAX_EXAMPLES),
  };
}

/** Returns the indexes in an order in which every prefix is spread over the whole range. */
export function spreadOrder(count: number): readonly number[] {
  const GOLDEN_RATIO = 0.618_033_988_75;
  const rank = (place: number): number => (place * GOLDEN_RATIO) % 1;
  return Array.from({ length: count }, (_, place) => place).toSorted((one, other) => rank(one) - rank(other));
}

async function readerOf(
  row: PortraitRow,
  { openStore, source, signal }: FaceLookOptions,
): Promise<(() => Promise<Uint8Array>) | undefined> {
  try {
    const photo = await findPhoto(openStore, source, row);
    if (photo instanceof URL) return undefined;
    const head = await photo.store.head(photo.key);
    if (head === undefined || head.sizeBytes > MOST_BYTES) return undefined;
    return async () => await readBytes(photo.store, photo.key, { signal });
  } catch {
    return undefined;
  }
}

/** Returns the photos that show the person of an earlier photo. */
function samePeople(
  looked: readonly { readonly row: PortraitRow; readonly faces: SeenFaces }[],
): readonly QuotedDuplicate[] {
  return looked.flatMap(({ row, faces }, at) => {
    const first = looked.slice(0, at).find((earlier) => earlier.faces.isSamePerson(faces));
    if (first === undefined) return [];
    const { index, id, source } = row;
    return [{ index, id, source, of: first.row.source, ofId: first.row.id }];
  });
}
