import {
  DarkroomError,
  extensionOf,
  fillPlaceholders,
  placeholdersOf,
  probablyMeant,
  renderTemplate,
  safeKey,
  sourceFields,
  withOutputExtension,
  type BatchSource,
  type OutputFormat,
  type PortraitRow,
} from "@darkroom/core";
import { knownColumn, MANIFEST_COLUMNS } from "./columns.ts";
import { badRow, type ManifestRecord } from "./manifest-record.ts";
import { isPhotoExtension } from "./file-kinds.ts";

/** Extensions that an explicit destination may have, regardless of the recipe's output format. */
const WRITTEN = new Set(["jpg", "jpeg", "png", "webp"]);
/** Placeholders that every row can fill, which take precedence over a column of the same spelling. */
const OWN_FIELDS = {
  path: "the photo's path",
  name: "the photo's file name",
  ext: "the result's extension",
  id: "the portrait's id",
  index: "the portrait's number",
} as const;

/** The parts of a row from which its destination is built. */
export interface DestinationParts {
  readonly index: number;
  readonly id: string;
  /** See `RowSource.path`. */
  readonly path: string;
  readonly columns: ManifestRecord["columns"];
  readonly carried?: ManifestRecord["carried"];
  readonly given?: ManifestRecord["given"];
}

/** Assigns rows their keys under the destination. */
export class DestinationNames {
  readonly #template: string | undefined;
  readonly #placeholders: readonly string[];
  readonly #format: OutputFormat;

  constructor(template: string | undefined, format: OutputFormat) {
    this.#template = template;
    this.#placeholders = placeholdersOf(template ?? "").map((name) => name.trim());
    this.#format = format;
  }

  /** True without a template. */
  get isPlain(): boolean {
    return this.#template === undefined;
  }

  /** Returns placeholders of the template that no row of a source with these columns can fill. */
  unknownPlaceholders(columns: readonly string[]): readonly string[] {
    const known = new Set<string>([...Object.keys(OWN_FIELDS), ...columns.map(foldedPlaceholder)]);
    return this.#placeholders.filter((name) => !known.has(foldedPlaceholder(name)));
  }

  /** True for a column that the template uses. */
  asksFor(column: string): boolean {
    return this.#placeholders.some((name) => foldedPlaceholder(name) === foldedPlaceholder(column));
  }

  /** Returns a sentence for each placeholder that is spelled like one of these columns but denotes a built-in field. */
  shadowed(carried: ManifestRecord["carried"] = {}): readonly string[] {
    if (this.#placeholders.length === 0) return [];
    return Object.entries(OWN_FIELDS).flatMap(([name, meaning]) => {
      if (!this.#placeholders.includes(name) || !Object.hasOwn(carried, name)) return [];
      const [first = ""] = name;
      return [
        `{${name}} in the template is ${meaning}, not the column "${name}"; to use the column, rename it, for instance to "${first.toUpperCase()}${name.slice(1)}".`,
      ];
    });
  }

  /**
   * Returns the row's `destination` column, otherwise the filled template, otherwise the source's path. The default and
   * the template get the output's extension. An explicit name keeps the extension of a writable picture format.
   *
   * @throws DarkroomError `invalid_input`
   */
  nameOf(parts: DestinationParts): string {
    const explicit = parts.columns.destination?.trim();
    if (explicit !== undefined && explicit !== "") {
      const key = safeKey(explicit);
      return WRITTEN.has(extensionOf(key)) ? key : safeKey(`${key}.${this.#extension(parts.path)}`);
    }
    if (this.#template !== undefined) return this.#fit(this.#render(this.#template, parts), parts.path);
    if (parts.path === "") {
      throw badRow("destination", "the source has no file name for the result; give this row a destination");
    }
    return this.#fit(parts.path, parts.path);
  }

  #render(template: string, parts: DestinationParts): string {
    const own: Readonly<Record<string, string>> = {
      ...sourceFields(parts.path),
      id: parts.id,
      index: String(parts.index),
    };
    const fields: Record<string, string> = {};
    const named = fillPlaceholders(template, (written) => {
      const { name, value } = fieldOf(written.trim(), own, parts);
      if (value !== undefined) fields[name] = value;
      return `{${name}}`;
    });
    return renderTemplate(named, fields);
  }

  /** `jane.doe` has no extension to replace, but `jane.heic` does. */
  #fit(key: string, sourcePath: string): string {
    const extension = extensionOf(key);
    if (isPhotoExtension(extension)) return safeKey(withOutputExtension(key, this.#format));
    return safeKey(`${key}.${this.#extension(sourcePath)}`);
  }

  /** Returns the extension of the result of this source. */
  #extension(sourcePath: string): string {
    return extensionOf(withOutputExtension(`x.${extensionOf(sourcePath)}`, this.#format));
  }
}

/**
 * Returns the key that a photo's result has without the batch's template, because an earlier batch may have stored the
 * result there.
 *
 * @param source the row's `source`
 * @returns undefined for a manifest, whose rows have names of their own; without a template; and if the key equals the
 * row's
 */
export function keyWithoutTemplate(
  spec: {
    readonly source: Pick<BatchSource, "kind">;
    readonly template: string | undefined;
    readonly format: OutputFormat;
  },
  { source, destination }: Pick<PortraitRow, "source" | "destination">,
): string | undefined {
  if (spec.source.kind !== "prefix" || spec.template === undefined) return undefined;
  const names = new DestinationNames(undefined, spec.format);
  const key = names.nameOf({ index: 0, id: source, path: source, columns: { source } });
  return key === destination ? undefined : key;
}

function foldedPlaceholder(name: string): string {
  return knownColumn(name) ?? name.trim().toLowerCase();
}

interface Field {
  readonly name: string;
  readonly value: string | undefined;
}

/**
 * Returns the field or column of a placeholder: an exact match, built-in fields first, otherwise a name that differs
 * only in case.
 */
function fieldOf(name: string, own: Readonly<Record<string, string>>, parts: DestinationParts): Field {
  const { carried = {} } = parts;
  if (Object.hasOwn(own, name)) return { name, value: own[name] };
  if (Object.hasOwn(carried, name)) return { name, value: carried[name]?.trim() };
  const folded = foldedPlaceholder(name);
  if (Object.hasOwn(own, folded)) return { name: folded, value: own[folded] };
  return { name, value: columnValue(folded, parts) };
}

function columnValue(name: string, { columns, carried = {}, given = {} }: DestinationParts): string | undefined {
  const known = MANIFEST_COLUMNS.find((column) => {
    const other = given[column];
    return column === name || (other !== undefined && foldedPlaceholder(other) === name);
  });
  if (known !== undefined) return columns[known]?.trim();
  for (const [column, value] of Object.entries(carried)) {
    if (foldedPlaceholder(column) === name) return value.trim();
  }
  return undefined;
}

/**
 * The error for a template that cannot be filled from this source.
 *
 * @param columns the source's columns, one of which may have been meant
 */
export function unfillable(names: readonly string[], what: string, columns: readonly string[] = []): DarkroomError {
  const list = names.map(placeholder).join(", ");
  const known = [...columns, ...Object.keys(OWN_FIELDS)];
  const meant = names.flatMap((name) => probablyMeant(name, known) ?? []);
  const hint = meant.length === 0 ? "" : `did you mean ${meant.map(placeholder).join(", ")}? Otherwise `;
  const message = `the destination template uses ${list}, which ${what} does not have; ${hint}use {path}, {name}, {ext}, {id}, {index} or a column of the manifest`;
  return new DarkroomError("invalid_input", message, { field: "template" });
}

function placeholder(name: string): string {
  return `{${name}}`;
}
