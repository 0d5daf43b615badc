import type { Readable } from "node:stream";
import {
  isDarkroomError,
  DarkroomError,
  LeftOutCount,
  SNAPSHOT_PART_ROWS,
  type BatchSource,
  type OpenStore,
  type Output,
  type SnapshotRow,
} from "@darkroom/core";
import { csvManifest } from "./csv-manifest.ts";
import { emptySource } from "./empty-source.ts";
import { isPhotoKey } from "./file-kinds.ts";
import { FrozenPhotos, FrozenRows, type SourceChanges } from "./frozen-rows.ts";
import { jsonlManifest } from "./jsonl-manifest.ts";
import { ManifestFaults, refusedForFaults } from "./manifest-faults.ts";
import type { ManifestRecord } from "./manifest-record.ts";
import { manifestText } from "./manifest-text.ts";
import { splitManifestUrl } from "./manifest-url.ts";
import { listPhotos } from "./list-photos.ts";
import type { ColumnRules } from "./read-names.ts";
import { DestinationNames, unfillable } from "./row-destination.ts";
import { refusedOutOfBase } from "./refused-out-of-base.ts";
import { refusedUnfillable } from "./refused-unfillable.ts";
import { RowIntake } from "./row-intake.ts";
import { plainPath, refuseUrlKey, sourceResolver, type SourceResolver } from "./row-source.ts";

/** The position that an earlier read of the same source reached. */
interface SourcePosition {
  /** Number of finished rows, which is also the index of the next. */
  readonly index: number;
  /**
   * The finished rows (see `readSnapshot`). These rows never change, even if the source does. A prefix's further photos
   * follow them. A manifest must begin with them.
   */
  readonly done: AsyncIterable<readonly SnapshotRow[]>;
  /** Called when a prefix is listed to its end. */
  readonly onChanges?: (changes: SourceChanges) => void;
}

export interface ReadSourceOptions {
  readonly source: BatchSource;
  readonly destination: { readonly template?: string | undefined };
  /** Fields of the recipe: the output format, and the additional files per portrait. */
  readonly output: Pick<Output, "format" | "variations" | "deliveries">;
  readonly openStore: OpenStore;
  /** True if destinations that differ only in case collide, as in a local folder. Defaults to false. */
  readonly foldCase?: boolean;
  /** Source keys with one of these prefixes are results, not photos. */
  readonly leaveOut?: readonly string[];
  /** Counts the files that a prefix's listing leaves out, from its start. */
  readonly leftOut?: LeftOutCount;
  /** Called with notes about a manifest that is accepted. */
  readonly onNote?: ((note: string) => void) | undefined;
  /**
   * Collects the mistakes for which a manifest is refused, so that the manifest is read to its end nevertheless. If
   * absent, the mistakes are thrown together with the bad rows of the first {@link CHECKED_ROWS}.
   */
  readonly faults?: ManifestFaults;
  readonly from?: SourcePosition;
  /** A manifest's bytes, if the bytes do not come from the manifest's URL. Read once and then destroyed. */
  readonly body?: Readable;
  readonly signal?: AbortSignal;
}

/**
 * Reads a batch's source into the rows of its snapshot, in the order of the source, a few thousand at a time, in
 * constant memory. Indexes run from `from.index` without a gap, including those of rejected rows. A manifest with a bad
 * row at its beginning is refused, unless its batch skips bad rows.
 *
 * @throws DarkroomError `invalid_input` when nothing of the source can be used (no source column, an empty or binary
 *   manifest, a template that no row can fill), `storage_not_found` when the manifest is missing, and the store's
 *   errors
 */
export async function* readSource(options: ReadSourceOptions): AsyncGenerator<readonly SnapshotRow[]> {
  const names = new DestinationNames(options.destination.template, options.output.format);
  if (options.source.kind === "prefix") yield* prefixRows(options.source, names, options);
  else if (options.from !== undefined) yield* manifestRows(options.source, names, options);
  else if (options.faults !== undefined) yield* refusedOutOfBase(manifestRows(options.source, names, options));
  else yield* manifestFromStart(options.source, names, options);
}

/** Reads the rows of a manifest, unless the manifest is refused because of its names, its base or its bad rows. */
async function* manifestFromStart(
  source: Extract<BatchSource, { kind: "manifest" }>,
  names: DestinationNames,
  options: ReadSourceOptions,
): AsyncGenerator<readonly SnapshotRow[]> {
  const faults = new ManifestFaults(source.url, { skipsBadRows: source.skipBadRows === true });
  yield* refusedOutOfBase(refusedForFaults(manifestRows(source, names, { ...options, faults }), faults));
}

/** Number of photos of a prefix that {@link beginSource} lists. */
const FIRST_PHOTOS = 50;

/**
 * Reads only the part of a source that is needed for the acceptance: the first photos of a prefix, or the header and
 * the first rows of a manifest.
 *
 * @returns the first rows
 * @throws DarkroomError as {@link readSource} does before its first rows, and `invalid_input` for a prefix without a
 *   photo
 */
export async function beginSource(options: Omit<ReadSourceOptions, "from" | "body">): Promise<readonly SnapshotRow[]> {
  const { source, destination, output, openStore, foldCase = false, leaveOut = [], signal } = options;
  const names = new DestinationNames(destination.template, output.format);
  if (source.kind === "manifest") {
    for await (const rows of manifestFromStart(source, names, options)) if (rows.length > 0) return rows;
    return [];
  }
  refuseUnknown(names);
  const { include, exclude } = source;
  const leftOut = new LeftOutCount();
  const intake = new RowIntake({ resolve: listedKey, names, output, foldCase, firstIndex: 0 });
  const rows: SnapshotRow[] = [];
  let hasPicture = false;
  const photos = listPhotos(openStore, source.url, { include, exclude, leaveOut, leftOut, signal });
  for await (const { key, etag, sizeBytes, beside } of photos) {
    if (isPhotoKey(key)) hasPicture = true;
    else leftOut.add("raw", key);
    if (rows.length < FIRST_PHOTOS) rows.push(intake.take({ columns: { source: key } }, { etag, sizeBytes, beside }));
    if (hasPicture && rows.length === FIRST_PHOTOS) return rows;
  }
  if (!hasPicture) throw emptySource(source, leftOut.leftOut);
  return rows;
}

function refuseUnknown(names: DestinationNames): void {
  const unknown = names.unknownPlaceholders([]);
  if (unknown.length > 0) throw unfillable(unknown, "a photo of a prefix");
}

async function* prefixRows(
  source: Extract<BatchSource, { kind: "prefix" }>,
  names: DestinationNames,
  options: ReadSourceOptions,
): AsyncGenerator<readonly SnapshotRow[]> {
  const {
    openStore,
    output,
    foldCase = false,
    leaveOut = [],
    leftOut = new LeftOutCount(),
    from,
    signal,
    onNote,
  } = options;
  refuseUnknown(names);
  const intake = new RowIntake({ resolve: listedKey, names, output, foldCase, firstIndex: from?.index ?? 0 });
  const frozen = new FrozenPhotos();
  for await (const rows of from?.done ?? []) {
    for (const row of rows) {
      intake.remember(row);
      frozen.freeze(row);
    }
  }
  const photos = listPhotos(openStore, source.url, {
    include: source.include,
    exclude: source.exclude,
    leaveOut,
    leftOut,
    onNote,
    signal,
  });
  let rows: SnapshotRow[] = [];
  for await (const { key, etag, sizeBytes, beside } of photos) {
    if (from !== undefined && frozen.has({ key, etag, sizeBytes })) continue;
    rows.push(intake.take({ columns: { source: key } }, { etag, sizeBytes, beside }));
    if (rows.length < SNAPSHOT_PART_ROWS) continue;
    yield rows;
    rows = [];
  }
  if (rows.length > 0) yield rows;
  from?.onChanges?.(frozen.changes);
}

/** A listed key is used unchanged, unless the key looks like a URL. */
const listedKey: SourceResolver = (key) => {
  refuseUrlKey(key);
  return { source: key, id: key, path: plainPath(key) };
};

async function* manifestRows(
  source: Extract<BatchSource, { kind: "manifest" }>,
  names: DestinationNames,
  options: ReadSourceOptions,
): AsyncGenerator<readonly SnapshotRow[]> {
  const { output, foldCase = false, from, signal } = options;
  const resolve = sourceResolver(source);
  const { key: file } = splitManifestUrl(source.url);
  const intake = new RowIntake({ resolve, names, output, foldCase, firstIndex: 0, file });
  const notes = new Set<string>();
  const frozen = from === undefined ? undefined : new FrozenRows(from.done);
  const done = from?.index ?? 0;
  let read = 0;
  for await (const records of manifestRecords(source, names, options)) {
    signal?.throwIfAborted();
    for (const { carried } of records) for (const note of names.shadowed(carried)) notes.add(note);
    const rows = records.map((record) => intake.take(record));
    const old = Math.min(rows.length, Math.max(0, done - read));
    for (const row of rows.slice(0, old)) await frozen?.compare(row);
    read += rows.length;
    if (rows.length > old) yield rows.slice(old);
  }
  await frozen?.end(read);
  for (const note of notes) options.onNote?.(note);
}

async function* manifestRecords(
  source: Extract<BatchSource, { kind: "manifest" }>,
  names: DestinationNames,
  options: ReadSourceOptions,
): AsyncGenerator<readonly ManifestRecord[]> {
  const rules: ColumnRules = {
    file: splitManifestUrl(source.url).key,
    carry: source.carry ?? [],
    asksFor: (column) => names.asksFor(column),
    refuse: options.faults === undefined ? undefined : (fault) => options.faults?.refuse(fault),
  };
  const body = options.body ?? (await openManifest(source.url, options));
  try {
    const onNote = options.onNote ?? (() => undefined);
    // Spreadsheets save CSV in their system's character set, but JSON is UTF-8.
    const text = manifestText(body, source.format === "csv" ? onNote : undefined);
    if (source.format === "jsonl") {
      yield* refusedUnfillable(jsonlManifest(text, rules), names);
      return;
    }
    yield* csvManifest(text, rules, ({ known, carried, given }) => {
      const columns = [...carried, ...given, ...known];
      const unknown = names.unknownPlaceholders(columns);
      if (unknown.length > 0) throw unfillable(unknown, "the manifest", columns);
    });
  } finally {
    body.destroy();
  }
}

async function openManifest(url: string, { openStore, signal }: ReadSourceOptions): Promise<Readable> {
  const { storeUrl, key } = splitManifestUrl(url);
  const { body } = await openStore(storeUrl)
    .get(key, signal === undefined ? {} : { signal })
    .catch((error: unknown) => {
      if (!isDarkroomError(error, "storage_not_found")) throw error;
      const message = `the manifest ${url} does not exist; check its name and upload it`;
      throw new DarkroomError("storage_not_found", message, { field: "source", cause: error });
    });
  return body;
}
