import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseEnv } from "node:util";
import type { Environment } from "@darkroom/config";
import { DarkroomError, messageOf } from "@darkroom/core";

export interface DotEnv {
  /** The environment plus the file's variables. A non-empty variable of the environment takes precedence. */
  readonly variables: Environment;
  /** The names added from the file. */
  readonly added: readonly string[];
}

/**
 * Reads the `.env` file of a folder, if there is one.
 *
 * @throws DarkroomError `invalid_settings` if the file exists but cannot be read
 */
export function withDotEnv(environment: Environment, folder: string): DotEnv {
  const path = join(folder, ".env");
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR" || code === "EISDIR") return { variables: environment, added: [] };
    throw new DarkroomError("invalid_settings", `${path} cannot be read: ${messageOf(error)}`);
  }
  const isSet = (name: string): boolean => (environment[name] ?? "").trim() !== "";
  const added = Object.entries(parseEnv(text)).filter(([name, value]) => (value ?? "").trim() !== "" && !isSet(name));
  return { variables: { ...environment, ...Object.fromEntries(added) }, added: added.map(([name]) => name) };
}
