import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "smol-toml";
import type { Environment } from "@darkroom/config";
import { DarkroomError, messageOf } from "@darkroom/core";
import { withDotEnv } from "./dot-env.ts";

/** The environment and the settings of a folder's files. */
export interface FileSettings {
  /** The environment plus the files' variables. The environment takes precedence. */
  readonly variables: Environment;
  /** File → the names taken from it, if there are any. */
  readonly added: ReadonlyMap<string, readonly string[]>;
  /** One sentence for each line of `.env` that sets no variable. */
  readonly faults: readonly string[];
}

const PARSERS: Readonly<Record<string, (text: string) => unknown>> = {
  "darkroom.toml": parse,
  "darkroom.json": (text) => JSON.parse(text) as unknown,
};

/**
 * Adds the settings of a folder's files to the environment: of `.env`, then of `darkroom.toml` or `darkroom.json`. An
 * earlier one takes precedence, and the environment before all.
 *
 * @throws DarkroomError `invalid_settings` if a file cannot be read, or both of the latter are there
 */
export function withSettingsFiles(environment: Environment, folder: string): FileSettings {
  const dotEnv = withDotEnv(environment, folder);
  const added = new Map<string, readonly string[]>();
  if (dotEnv.added.length > 0) added.set(".env", dotEnv.added);
  const found = Object.keys(PARSERS).flatMap((name) => {
    const values = readSettings(folder, name);
    return values === undefined ? [] : [{ name, values }];
  });
  const [file, other] = found;
  if (file === undefined) return { variables: dotEnv.variables, added, faults: dotEnv.faults };
  if (other !== undefined) {
    throw new DarkroomError("invalid_settings", `${folder} has both ${file.name} and ${other.name}: keep one of them.`);
  }
  const taken = Object.entries(file.values).filter(([name]) => (dotEnv.variables[name] ?? "").trim() === "");
  if (taken.length > 0)
    added.set(
      file.name,
      taken.map(([name]) => name),
    );
  return { variables: { ...dotEnv.variables, ...Object.fromEntries(taken) }, added, faults: dotEnv.faults };
}

/** Returns a file's settings as the environment would hold them; undefined if there is no such file. */
function readSettings(folder: string, name: string): Readonly<Record<string, string>> | undefined {
  const path = join(folder, name);
  let text: string;
  try {
    text = readFileSync(path, "utf8").replace(/^\uFEFF/, "");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR" || code === "EISDIR") return undefined;
    throw new DarkroomError("invalid_settings", `${path} cannot be read: ${messageOf(error)}`);
  }
  const values = parsed(path, name, text);
  return Object.fromEntries(Object.entries(values).map(([setting, value]) => [setting, textOf(value)]));
}

function parsed(path: string, name: string, text: string): object {
  let values: unknown;
  try {
    values = PARSERS[name]?.(text);
  } catch (error) {
    throw new DarkroomError("invalid_settings", `${path} cannot be read: ${placeOf(error)}`);
  }
  if (typeof values === "object" && values !== null && !Array.isArray(values)) return values;
  throw new DarkroomError("invalid_settings", `${path} must hold names and values: {"DARKROOM_PORT": 8080}.`);
}

/** Says where a file is wrong, without the text there, which may be a secret. */
function placeOf(error: unknown): string {
  const { line, column } = error as { readonly line?: number; readonly column?: number };
  return line === undefined ? "it is not valid JSON" : `line ${line}, column ${column ?? 1} is not valid TOML`;
}

/** Returns a value as a variable: a list of texts with commas, tables and other lists as JSON. */
function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  if (Array.isArray(value) && value.every((each) => typeof each === "string")) return value.join(",");
  return typeof value === "object" && value !== null ? JSON.stringify(value) : String(value);
}
