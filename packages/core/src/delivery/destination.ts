import { hasControlCharacter } from "../control-characters.ts";
import { DarkroomError } from "../errors.ts";
import { DARKROOM_FOLDER } from "../report/report.ts";
import type { OutputFormat } from "../recipe/recipe.ts";
import { fillPlaceholders } from "./placeholders.ts";

/** S3's limit for a key, in UTF-8 bytes. */
const MAX_KEY_BYTES = 1_024;

function bad(message: string): DarkroomError {
  return new DarkroomError("invalid_input", message, { field: "destination" });
}

/**
 * Checks and normalizes a key under a destination. A key never leaves its prefix: no absolute path, no `..`, no empty
 * or dot segment, no backslash, no control character, nothing in `_darkroom/`.
 *
 * @throws DarkroomError `invalid_input`, with the reason
 */
export function safeKey(key: string): string {
  const plain = key.normalize("NFC");
  if (plain === "") throw bad("the destination name is empty");
  if (hasControlCharacter(plain)) throw bad("the destination name contains a control character");
  if (plain.includes("\\")) throw bad("the destination name contains a backslash; use /");
  if (plain.startsWith("/")) throw bad("the destination name starts with /; name it relative to the destination");
  const segments = plain.split("/");
  if (segments.some((segment) => segment === ".."))
    throw bad("the destination name contains .. and would leave its prefix");
  if (segments.some((segment) => segment === "" || segment === ".")) {
    throw bad("the destination name contains an empty or . segment, or ends with /");
  }
  // Some systems ignore the case of folder names.
  if (segments[0]?.toLowerCase() === DARKROOM_FOLDER)
    throw bad(`${DARKROOM_FOLDER}/ is reserved for Darkroom's own files`);
  if (Buffer.byteLength(plain) > MAX_KEY_BYTES) throw bad(`the destination name is longer than ${MAX_KEY_BYTES} bytes`);
  return plain;
}

const EXTENSIONS: Readonly<Record<Exclude<OutputFormat, "source">, string>> = { jpeg: "jpg", png: "png", webp: "webp" };
const KEPT = new Set(["jpg", "jpeg", "png", "webp"]);

/** Returns the file extension of a key, in lower case without the dot; empty if there is none. */
export function extensionOf(key: string): string {
  const name = key.slice(key.lastIndexOf("/") + 1);
  const dot = name.lastIndexOf(".");
  return dot <= 0 ? "" : name.slice(dot + 1).toLowerCase();
}

/**
 * Returns the key with an extension that matches the requested output. A source in a format that Darkroom does not
 * write (HEIC, GIF…) becomes a JPEG.
 */
export function withOutputExtension(key: string, format: OutputFormat): string {
  const extension = extensionOf(key);
  const wished = format === "source" ? (KEPT.has(extension) ? extension : "jpg") : EXTENSIONS[format];
  if (extension === wished || (wished === "jpg" && extension === "jpeg")) return key;
  return `${extension === "" ? key : key.slice(0, -(extension.length + 1))}.${wished}`;
}

/** Returns the picture format for the extension of a destination key. */
export function formatOfKey(key: string): "jpeg" | "png" | "webp" {
  const extension = extensionOf(key);
  return extension === "png" ? "png" : extension === "webp" ? "webp" : "jpeg";
}

/**
 * Fills a destination template: `{path}` (the source's path without extension), `{name}` (its last part), `{ext}`,
 * `{id}`, `{index}`, and any manifest column. A column's value cannot add folders: its slashes become dashes.
 *
 * @throws DarkroomError `invalid_input` when the template names a column that the row does not have
 */
export function renderTemplate(template: string, fields: Readonly<Record<string, string>>): string {
  return fillPlaceholders(template, (name) => {
    const value = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (value === undefined || value === "") throw bad(`the template uses {${name}}, which this row does not have`);
    return name === "path" ? value : value.replaceAll(/[/\\]/g, "-");
  });
}

/** Returns the fields that {@link renderTemplate} derives from the source path. */
export function sourceFields(sourcePath: string): { path: string; name: string; ext: string } {
  const ext = extensionOf(sourcePath);
  const path = ext === "" ? sourcePath : sourcePath.slice(0, -(ext.length + 1));
  return { path, name: path.slice(path.lastIndexOf("/") + 1), ext: ext === "" ? "jpg" : ext };
}
