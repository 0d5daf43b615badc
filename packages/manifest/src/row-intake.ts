import {
  extraKeys,
  isDarkroomError,
  shownSource,
  type Output,
  type PortraitRow,
  type RejectedRow,
  type Repetition,
  type SnapshotRow,
} from "@darkroom/core";
import { MANIFEST_COLUMNS } from "./columns.ts";
import { KeySet } from "./key-set.ts";
import { NameOwners } from "./name-owners.ts";
import { badRow, shown, type ManifestRecord } from "./manifest-record.ts";
import type { DestinationNames } from "./row-destination.ts";
import { profileIdsOf, rowOverrides } from "./row-overrides.ts";
import type { RowSource, SourceResolver } from "./row-source.ts";
import { takenByPhoto, takenByRow } from "./taken-name.ts";

/** The longest `id` that a manifest may give; a default id may be as long as a key. */
export const MAX_ID_CHARS = 256;
// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const CONTROL = /[\u0000-\u001f\u007f]/;

export interface RowIntakeOptions {
  readonly resolve: SourceResolver;
  readonly names: DestinationNames;
  /** What is stored of each portrait besides its main picture takes names too. */
  readonly output: Pick<Output, "variations" | "deliveries">;
  /** Names that differ in case alone are one file: so it is in many local folders. */
  readonly foldCase: boolean;
  readonly firstIndex: number;
}

/** What became known of a row before something was found wrong with it. */
interface Seen {
  id?: string;
  source?: string;
  destination?: string;
  repeats?: Repetition;
}

/** What a listing knows of a photo. */
export interface ListedPhoto {
  readonly etag: string;
  readonly sizeBytes: number;
}

/**
 * Gives each row of a source its index and checks it. What cannot be accepted becomes a {@link RejectedRow} with the
 * first thing that is wrong with it; only accepted rows take an id and a destination.
 */
export class RowIntake {
  readonly #options: RowIntakeOptions;
  readonly #ids = new KeySet();
  readonly #destinations = new KeySet();
  /** Where names are paths of a file system: the folders that results need, which cannot be files as well. */
  readonly #folders = new KeySet();
  /** Of listed photos, whose names come from themselves and which a message must therefore name. */
  readonly #owners = new NameOwners();
  #index: number;

  constructor(options: RowIntakeOptions) {
    this.#options = options;
    this.#index = options.firstIndex;
  }

  take(record: ManifestRecord, listed?: ListedPhoto): SnapshotRow {
    const index = this.#index;
    this.#index += 1;
    const seen: Seen = {};
    try {
      return this.#accept(record, index, seen, listed);
    } catch (error) {
      if (!isDarkroomError(error, "invalid_input")) throw error;
      const why = { field: givenName(record, error.field), message: error.message };
      // A listing goes on behind the key of its last row, so that is kept as it is.
      const named = listed === undefined ? sourceOfRefused(record.columns.source) : record.columns.source;
      // An id stands for one portrait in the report: it stays that of the row that was accepted with it.
      if (seen.id !== undefined && this.#ids.has(seen.id)) delete seen.id;
      return rejected(record, index, seen.source ?? named, seen, why);
    }
  }

  /** Remembers what an earlier reading of the same source has accepted. */
  remember(row: SnapshotRow): void {
    if ("rejected" in row) return;
    this.#ids.add(row.id);
    for (const key of this.#keysOf(row)) {
      this.#take(key);
      if (row.etag !== undefined) this.#owners.add(key, row.source);
    }
  }

  /** All the keys of a portrait, as they are compared. */
  #keysOf(row: Pick<PortraitRow, "destination" | "id" | "index">): readonly string[] {
    return [row.destination, ...extraKeys(this.#options.output, row)].map((key) => this.#folded(key));
  }

  #accept(record: ManifestRecord, index: number, seen: Seen, listed: ListedPhoto | undefined): PortraitRow {
    const { columns, carried, given, problem } = record;
    const givenId = columns.id?.trim();
    if (givenId !== undefined && isGoodId(givenId)) seen.id = givenId;
    if (problem !== undefined) throw badRow(problem.field, problem.message);
    const source = sourceOf(columns, this.#options.resolve);
    seen.source = source.source;
    const id = givenId === undefined || givenId === "" ? source.id : checkedId(givenId);
    seen.id = id;
    const profileIds = profileIdsOf(columns.profile_ids);
    const overrides = rowOverrides(columns);
    const destination = this.#options.names.nameOf({ index, id, path: source.path, columns, carried, given });
    seen.destination = destination;
    if (this.#ids.has(id)) {
      seen.repeats = id === givenId ? "id" : "source";
      throw duplicateId(id, id === givenId);
    }
    const keys = this.#keysOf({ index, id, destination });
    const taken = keys.findIndex((key, place) => this.#destinations.has(key) || keys.indexOf(key) < place);
    if (taken !== -1) {
      seen.repeats = "destination";
      const name = { destination, extra: taken === 0 ? undefined : keys[taken] };
      if (listed === undefined) throw takenByRow(name);
      const key = keys[taken] ?? destination;
      throw takenByPhoto(
        name,
        source.source,
        this.#owners.ownerOf(key) ?? (keys.indexOf(key) < taken ? source.source : undefined),
      );
    }
    const clash =
      keys.find((key) => this.#folders.has(key)) ??
      keys.flatMap((key) => this.#foldersOf(key)).find((folder) => this.#destinations.has(folder));
    if (clash !== undefined) {
      seen.repeats = "destination";
      throw badRow(
        "destination",
        `an earlier row makes ${shown(clash)} a file where this one needs a folder, or a folder where it needs a file; give this row a destination of its own`,
      );
    }
    for (const key of keys) {
      this.#take(key);
      if (listed !== undefined) this.#owners.add(key, source.source);
    }
    this.#ids.add(id);
    return {
      index,
      id,
      source: source.source,
      // Without an ETag a listing tells nothing of the content.
      ...(listed === undefined || listed.etag === "" ? {} : { etag: listed.etag, sizeBytes: listed.sizeBytes }),
      destination,
      ...(profileIds === undefined ? {} : { profileIds }),
      ...overrides,
      ...(carried === undefined ? {} : { carried }),
    };
  }

  #take(key: string): void {
    this.#destinations.add(key);
    for (const folder of this.#foldersOf(key)) this.#folders.add(folder);
  }

  /** The folders above a key; none where a name may be both, as in S3. */
  #foldersOf(key: string): readonly string[] {
    if (!this.#options.foldCase) return [];
    const names = key.split("/");
    return names.slice(1).map((_, place) => names.slice(0, place + 1).join("/"));
  }

  #folded(destination: string): string {
    const plain = destination.normalize("NFC");
    return this.#options.foldCase ? plain.toUpperCase().toLowerCase() : plain;
  }
}

/** What the file calls a column, as its reader looks for it there. */
function givenName({ given }: ManifestRecord, field: string | undefined): string | undefined {
  return MANIFEST_COLUMNS.flatMap((column) => (column === field ? [given?.[column]] : []))[0] ?? field;
}

function sourceOf(columns: ManifestRecord["columns"], resolve: SourceResolver): RowSource {
  if (columns.source === undefined) throw badRow("source", "this row has no source; name its photo");
  return resolve(columns.source);
}

function isGoodId(id: string): boolean {
  return id !== "" && id.length <= MAX_ID_CHARS && !CONTROL.test(id) && id.isWellFormed();
}

function checkedId(id: string): string {
  if (isGoodId(id)) return id;
  if (id.length > MAX_ID_CHARS) throw badRow("id", `the id is longer than ${MAX_ID_CHARS} characters; shorten it`);
  throw badRow("id", "the id holds a control character or a line break; remove it");
}

function duplicateId(id: string, given: boolean): Error {
  return given
    ? badRow("id", `an earlier row has the id ${shown(id)} already; give this row an id of its own`)
    : badRow(
        "source",
        `the photo ${shown(id)} is in the list already and is enhanced once; delete this row, or give both rows an id and a destination of their own`,
      );
}

/** Nobody fetches it any more, so it is kept without what may be secret in it. */
function sourceOfRefused(source: string | undefined): string | undefined {
  const plain = source?.trim();
  return plain === undefined || plain === "" ? undefined : shownSource(plain);
}

function rejected(
  { line, carried }: ManifestRecord,
  index: number,
  source: string | undefined,
  { id, destination, repeats }: Seen,
  { field, message }: { field: string | undefined; message: string },
): RejectedRow {
  return {
    index,
    ...(id === undefined ? {} : { id }),
    ...(source === undefined ? {} : { source }),
    ...(destination === undefined ? {} : { destination }),
    rejected: {
      ...(line === undefined ? {} : { line }),
      ...(field === undefined ? {} : { field }),
      message,
      ...(repeats === undefined ? {} : { repeats }),
    },
    ...(carried === undefined ? {} : { carried }),
  };
}
