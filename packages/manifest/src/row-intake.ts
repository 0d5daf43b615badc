import {
  type DarkroomError,
  extensionOf,
  extraKeys,
  isDarkroomError,
  shownSource,
  type Output,
  type PortraitRow,
  type RejectedRow,
  type Repetition,
  type SnapshotRow,
  hasControlCharacter,
} from "@darkroom/core";
import { MANIFEST_COLUMNS } from "./columns.ts";
import { KeySet } from "./key-set.ts";
import { NameOwners, type NameOwner } from "./name-owners.ts";
import { badRow, shown, type ManifestRecord } from "./manifest-record.ts";
import type { DestinationNames } from "./row-destination.ts";
import { profileIdsOf, rowOverrides } from "./row-overrides.ts";
import type { RowSource, SourceResolver } from "./row-source.ts";
import { earlierRow, takenByPhoto, takenByRow, type CollidingPhotos } from "./taken-name.ts";

/** Maximum length of an `id` in a manifest. A default id may be as long as a key. */
export const MAX_ID_CHARS = 256;

export interface RowIntakeOptions {
  readonly resolve: SourceResolver;
  readonly names: DestinationNames;
  /** Additional files stored for each portrait, which also need names. */
  readonly output: Pick<Output, "variations" | "deliveries">;
  /** True if names that differ only in case are the same file, as in many local folders. */
  readonly foldCase: boolean;
  readonly firstIndex: number;
  /** The manifest's name in messages; undefined for a prefix. */
  readonly file?: string;
}

/** The fields of a row known before it was rejected. */
interface Seen {
  id?: string;
  source?: string;
  destination?: string;
  repeats?: Repetition;
}

/** Facts from a listing about a photo. */
export interface ListedPhoto {
  readonly etag: string;
  readonly sizeBytes: number;
  /** Keys with the same name up to the extension; see `pairRaws`. */
  readonly beside: readonly string[];
}

/**
 * Gives each row of a source its index, and checks it. An invalid row becomes a {@link RejectedRow} with its mistakes.
 * Only accepted rows reserve an id and a destination.
 */
export class RowIntake {
  readonly #options: RowIntakeOptions;
  readonly #ids = new KeySet();
  readonly #destinations = new KeySet();
  /** For destinations in a file system: the folders that results need, which therefore cannot be files. */
  readonly #folders = new KeySet();
  readonly #owners = new NameOwners();
  readonly #idOwners = new NameOwners();
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
      const why = wrongWith(record, error, this.#options.resolve);
      // A listing resumes after the key of its last row, so that key is kept unchanged.
      const named = listed === undefined ? sourceOfRefused(record.columns.source) : record.columns.source;
      // An id identifies one portrait in the report, so it stays with the accepted row.
      if (seen.id !== undefined && this.#ids.has(seen.id)) delete seen.id;
      return rejected(record, index, seen.source ?? named, seen, why);
    }
  }

  /** Records the rows that an earlier read of the same source accepted. */
  remember(row: SnapshotRow): void {
    if ("rejected" in row) return;
    this.#ids.add(row.id);
    this.#takeAll(this.#namesOf(row), { source: row.source, line: undefined });
  }

  /** Returns the names of all results of a portrait. */
  #namesOf(row: Pick<PortraitRow, "destination" | "id" | "index">): readonly string[] {
    return [row.destination, ...extraKeys(this.#options.output, row)];
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
    const named = listed?.beside.find((key) => this.#hasNameOf(key, { index, source: source.source, destination }));
    if (named !== undefined) {
      seen.repeats = "destination";
      throw takenByPhoto({ destination }, this.#photos(source.source, named));
    }
    if (this.#ids.has(id)) {
      seen.repeats = id === givenId ? "id" : "source";
      throw duplicateId(id, id === givenId, this.#earlier(this.#idOwners.ownerOf(id)));
    }
    const names = this.#namesOf({ index, id, destination });
    const keys = names.map((name) => this.#folded(name));
    const taken = keys.findIndex((key, place) => this.#destinations.has(key) || keys.indexOf(key) < place);
    if (taken !== -1) {
      seen.repeats = "destination";
      throw this.#takenBy({ destination, names, keys, taken }, source.source, listed !== undefined);
    }
    const clash = names.flatMap((name, place) => this.#clashOf(name, keys[place] ?? name))[0];
    if (clash !== undefined) {
      seen.repeats = "destination";
      throw badRow(
        "destination",
        `${this.#earlier(this.#owners.ownerOf(this.#folded(clash)))} makes ${shown(clash)} a file but this row needs a folder there, or the reverse; give this row its own destination`,
      );
    }
    this.#takeAll(names, { source: source.source, line: record.line });
    this.#idOwners.add(id, { source: source.source, line: record.line, name: id });
    this.#ids.add(id);
    return {
      index,
      id,
      source: source.source,
      // Without an ETag, a listing does not identify the content.
      ...(listed === undefined || listed.etag === "" ? {} : { etag: listed.etag, sizeBytes: listed.sizeBytes }),
      destination,
      ...(profileIds === undefined ? {} : { profileIds }),
      ...overrides,
      ...(carried === undefined ? {} : { carried }),
    };
  }

  /**
   * True if a photo's result has the same name as another listed photo: `C.jpg`, the result of `C.heic`, if `C.jpg`
   * exists. The name belongs to the photo that has it, regardless of the order of the listing.
   */
  #hasNameOf(
    other: string,
    { index, source, destination }: { index: number; source: string; destination: string },
  ): boolean {
    const extension = extensionOf(destination);
    if (other === source || extensionOf(source) === extension || extensionOf(other) !== extension) return false;
    const { id, path } = this.#options.resolve(other);
    const its = this.#options.names.nameOf({ index, id, path, columns: { source: other } });
    return this.#folded(its) === this.#folded(destination);
  }

  /**
   * Explains why a row is rejected: its result's name belongs to an earlier row or to another result of the same row.
   */
  #takenBy({ destination, names, keys, taken }: Taken, source: string, isListed: boolean): Error {
    const key = keys[taken] ?? destination;
    const name = { destination, extra: taken === 0 ? undefined : names[taken] };
    const owner = this.#owners.ownerOf(key);
    const isOwn = owner === undefined && keys.indexOf(key) < taken;
    if (isListed) return takenByPhoto(name, this.#photos(source, owner?.source ?? (isOwn ? source : undefined)));
    return takenByRow(name, isOwn ? "this row" : this.#earlier(owner), owner?.name);
  }

  #photos(photo: string, earlier: string | undefined): CollidingPhotos {
    return { photo, earlier, isPlain: this.#options.names.isPlain };
  }

  #earlier(owner: NameOwner | undefined): string {
    return earlierRow(this.#options.file ?? "", owner);
  }

  /** Returns a name that is a file for one row and a folder for another, as written by this row. */
  #clashOf(name: string, key: string): readonly string[] {
    if (this.#folders.has(key)) return [name];
    return foldersOf(name).filter((folder) => this.#options.foldCase && this.#destinations.has(this.#folded(folder)));
  }

  #takeAll(names: readonly string[], { source, line }: Omit<NameOwner, "name">): void {
    for (const name of names) {
      const key = this.#folded(name);
      this.#destinations.add(key);
      this.#owners.add(key, { source, line, name });
      // In S3, a name can be both.
      if (this.#options.foldCase) for (const folder of foldersOf(key)) this.#folders.add(folder);
    }
  }

  #folded(destination: string): string {
    const plain = destination.normalize("NFC");
    return this.#options.foldCase ? plain.toUpperCase().toLowerCase() : plain;
  }
}

const OVERRIDES = ["prompt", "preset", "mode", "intensity"] as const;

/** Lists all mistakes in a rejected row's own values: the first field, and every message. */
function wrongWith(
  record: ManifestRecord,
  error: DarkroomError,
  resolve: SourceResolver,
): { readonly field: string | undefined; readonly message: string } {
  const { columns, problem } = record;
  const { id } = columns;
  const checks: readonly (() => unknown)[] = [
    () => (columns.source === undefined && problem !== undefined ? undefined : sourceOf(columns, resolve)),
    () => (id === undefined || id.trim() === "" ? undefined : checkedId(id.trim())),
    () => profileIdsOf(columns.profile_ids),
    ...OVERRIDES.map((name) => () => rowOverrides(columns[name] === undefined ? {} : { [name]: columns[name] })),
  ];
  const others = checks.flatMap((check) => messageOf(check)).filter(({ message }) => message !== error.message);
  const also = others.map(({ field, message }) => `; also ${givenName(record, field) ?? ""}: ${message}`);
  return { field: givenName(record, error.field), message: `${error.message}${also.join("")}` };
}

function messageOf(check: () => unknown): readonly DarkroomError[] {
  try {
    check();
    return [];
  } catch (error) {
    if (!isDarkroomError(error, "invalid_input")) throw error;
    return [error];
  }
}

/** A name that belongs to an earlier row, or to another result of the same row. */
interface Taken {
  readonly destination: string;
  readonly names: readonly string[];
  /** The same names, normalized for comparison. */
  readonly keys: readonly string[];
  /** Index in `names` of the taken name. */
  readonly taken: number;
}

/** Returns the parent folders of a name. */
function foldersOf(name: string): readonly string[] {
  const parts = name.split("/");
  return parts.slice(1).map((_, place) => parts.slice(0, place + 1).join("/"));
}

/** Returns the file's own name of a column, because its author will search for that. */
function givenName({ given }: ManifestRecord, field: string | undefined): string | undefined {
  return MANIFEST_COLUMNS.flatMap((column) => (column === field ? [given?.[column]] : []))[0] ?? field;
}

function sourceOf(columns: ManifestRecord["columns"], resolve: SourceResolver): RowSource {
  if (columns.source === undefined) throw badRow("source", "this row has no source; name its photo");
  return resolve(columns.source);
}

function isGoodId(id: string): boolean {
  return id !== "" && id.length <= MAX_ID_CHARS && !hasControlCharacter(id) && id.isWellFormed();
}

function checkedId(id: string): string {
  if (isGoodId(id)) return id;
  if (id.length > MAX_ID_CHARS) throw badRow("id", `the id is longer than ${MAX_ID_CHARS} characters; shorten it`);
  throw badRow("id", "the id contains a control character or a line break; remove it");
}

function duplicateId(id: string, given: boolean, earlier: string): Error {
  return given
    ? badRow("id", `${earlier} already has the id ${shown(id)}; give this row its own id`)
    : badRow(
        "source",
        `${earlier} already has the photo ${shown(id)}, which is enhanced once; delete this row, or give both rows their own id and destination`,
      );
}

/** A rejected row's source is never fetched, so the stored source omits parts that may be secret. */
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
