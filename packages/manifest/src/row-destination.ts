import {
  DarkroomError,
  extensionOf,
  renderTemplate,
  safeKey,
  sourceFields,
  withOutputExtension,
  type OutputFormat,
} from "@darkroom/core";
import { knownColumn } from "./columns.ts";
import { badRow, type ManifestRecord } from "./manifest-record.ts";
import { isPhotoExtension } from "./file-kinds.ts";

/** Extensions that an explicit destination may have, whatever the recipe's output format. */
const WRITTEN = new Set(["jpg", "jpeg", "png", "webp"]);
const PLACEHOLDER = /\{([^{}]*)\}/g;
/** The names that a template has for every row. A manifest column of the same name does not replace them. */
const OWN_FIELDS = ["path", "name", "ext", "id", "index"] as const;

/** The parts of a row that its destination may be made of. */
export interface DestinationParts {
  readonly index: number;
  readonly id: string;
  /** See `RowSource.path`. */
  readonly path: string;
  readonly columns: ManifestRecord["columns"];
  readonly carried?: ManifestRecord["carried"];
}

/** Gives rows their keys under the destination. */
export class DestinationNames {
  readonly #template: string | undefined;
  readonly #placeholders: readonly string[];
  readonly #format: OutputFormat;

  constructor(template: string | undefined, format: OutputFormat) {
    // Header names do not mind their case, so neither do placeholders.
    this.#template = template?.replace(PLACEHOLDER, (_, name: string) => `{${foldedPlaceholder(name)}}`);
    this.#placeholders = [...(this.#template ?? "").matchAll(PLACEHOLDER)].map(([, name = ""]) => name);
    this.#format = format;
  }

  /** The template's placeholders that no row of a source with these columns could ever fill. */
  unknownPlaceholders(columns: readonly string[]): readonly string[] {
    const known = new Set<string>([...OWN_FIELDS, ...columns.map(foldedPlaceholder)]);
    return this.#placeholders.filter((name) => !known.has(name));
  }

  /** True for a column that the template asks for. */
  asksFor(column: string): boolean {
    return this.#placeholders.includes(foldedPlaceholder(column));
  }

  /**
   * The row's `destination` column, else the filled template, else the source's path. The default and the template get
   * the extension of the output; an explicit name keeps one of a picture that can be written.
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
      throw badRow("destination", "the source has no file name to call the result by; give this row a destination");
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
    for (const name of this.#placeholders) {
      const value = Object.hasOwn(own, name) ? own[name] : columnValue(name, parts);
      if (value !== undefined) fields[name] = value;
    }
    return renderTemplate(template, fields);
  }

  /** `jane.doe` has no extension to be replaced; `jane.heic` has. */
  #fit(key: string, sourcePath: string): string {
    const extension = extensionOf(key);
    if (isPhotoExtension(extension)) return safeKey(withOutputExtension(key, this.#format));
    return safeKey(`${key}.${this.#extension(sourcePath)}`);
  }

  /** The extension that a result of this source gets. */
  #extension(sourcePath: string): string {
    return extensionOf(withOutputExtension(`x.${extensionOf(sourcePath)}`, this.#format));
  }
}

function foldedPlaceholder(name: string): string {
  return knownColumn(name) ?? name.trim().toLowerCase();
}

function columnValue(name: string, { columns, carried = {} }: DestinationParts): string | undefined {
  const known = knownColumn(name);
  if (known !== undefined) return columns[known]?.trim();
  if (Object.hasOwn(carried, name)) return carried[name]?.trim();
  for (const [column, value] of Object.entries(carried)) {
    if (foldedPlaceholder(column) === name) return value.trim();
  }
  return undefined;
}

/** Says that a template can never be filled from this source. */
export function unfillable(names: readonly string[], what: string): DarkroomError {
  const list = names.map((name) => `{${name}}`).join(", ");
  const message = `the destination template asks for ${list}, which ${what} does not have; use {path}, {name}, {ext}, {id}, {index} or a column of the manifest`;
  return new DarkroomError("invalid_input", message, { field: "template" });
}
