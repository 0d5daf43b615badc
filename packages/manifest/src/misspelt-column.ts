import { typosBetween } from "@darkroom/core";
import { COLUMN_ALIASES, columnKey, type ManifestColumn } from "./columns.ts";

/** Words that resemble Darkroom's names but are common names of users' own columns. */
const OTHER_WORDS: ReadonlySet<string> = new Set([
  "designation",
  "made",
  "moda",
  "modbus",
  "model",
  "modul",
  "mono",
  "mood",
  "more",
  "moto",
  "move",
  "pres",
  "present",
  "prof",
  "profi",
  "profil",
  "profile",
  "prom",
  "ziele",
]);

/**
 * Minimum length for typo detection, because shorter names resemble too many words. Only `mod` for `mode` is recognized
 * nevertheless.
 */
const LEAST_CHARS = 4;
/** Length from which Darkroom's own names may have two typos, and names in other languages one. */
const ONE_TYPO_CHARS = 8;

/**
 * Returns the column that an unknown name was probably meant for: the name has a typo, is an abbreviation of Darkroom's
 * name, or is a misspelt name in another language. The first letters must match, because they are rarely mistyped.
 *
 * @param absent Darkroom's columns that the manifest does not have
 */
export function misspeltColumn(name: string, absent: readonly ManifestColumn[]): ManifestColumn | undefined {
  const key = columnKey(name);
  if (OTHER_WORDS.has(key)) return undefined;
  return absent.find((column) => {
    const aliases = column === "source" ? [] : COLUMN_ALIASES[column];
    const own = columnKey(column);
    if (key.length < LEAST_CHARS) return [own, ...aliases].some((each) => isLastLetterMissing(key, each));
    if (aliases.some((alias) => isNear(key, alias, 1))) return true;
    if (own.length < LEAST_CHARS) return false;
    return own.startsWith(key) || isNear(key, own, own.length > ONE_TYPO_CHARS ? 2 : 1);
  });
}

function isLastLetterMissing(key: string, own: string): boolean {
  return own.length >= LEAST_CHARS && own.length === key.length + 1 && own.startsWith(key);
}

function isNear(key: string, own: string, typos: number): boolean {
  return key[0] === own[0] && typosBetween(key, own) <= typos;
}
