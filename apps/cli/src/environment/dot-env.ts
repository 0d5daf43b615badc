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
  /** One sentence for each line that sets no variable. Never contains the line itself, which may contain a secret. */
  readonly faults: readonly string[];
}

const NOTHING = { added: [], faults: [] } as const;

/**
 * Reads the `.env` file of a folder, if there is one.
 *
 * @throws DarkroomError `invalid_settings` if the file exists but cannot be read
 */
export function withDotEnv(environment: Environment, folder: string): DotEnv {
  const path = join(folder, ".env");
  let text: string;
  try {
    text = textOf(readFileSync(path));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR" || code === "EISDIR") return { variables: environment, ...NOTHING };
    throw new DarkroomError("invalid_settings", `${path} cannot be read: ${messageOf(error)}`);
  }
  const isSet = (name: string): boolean => (environment[name] ?? "").trim() !== "";
  const added = Object.entries(parseEnv(text)).filter(([name, value]) => (value ?? "").trim() !== "" && !isSet(name));
  return {
    variables: { ...environment, ...Object.fromEntries(added) },
    added: added.map(([name]) => name),
    faults: faultyLines(text).map((line) => `${path}, line ${line}, is not NAME=value and is ignored.`),
  };
}

/** Decodes UTF-8, or UTF-16 with a byte order mark, as some editors write it. Removes the mark. */
function textOf(bytes: Uint8Array): string {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return new TextDecoder("utf-16le").decode(bytes);
  if (first === 0xfe && second === 0xff) return new TextDecoder("utf-16be").decode(bytes);
  return new TextDecoder("utf-8").decode(bytes);
}

const COMMENT = /^\s*(?:#|$)/;
const ASSIGNMENT = /^\s*(?:export\s+)?[A-Za-z_][\w.-]*\s*=\s*(["'`])?/;

/** Returns the numbers, from 1, of lines that are neither comments nor assignments nor within a quoted value. */
function faultyLines(text: string): readonly number[] {
  const faulty: number[] = [];
  let quote: string | undefined;
  text.split(/\r?\n/).forEach((line, place) => {
    if (quote !== undefined) {
      if (line.includes(quote)) quote = undefined;
      return;
    }
    if (COMMENT.test(line)) return;
    const assignment = ASSIGNMENT.exec(line);
    if (assignment === null) faulty.push(place + 1);
    const [start = "", opened] = assignment ?? [];
    if (opened !== undefined && !line.slice(start.length).includes(opened)) quote = opened;
  });
  return faulty;
}
