import { typosBetween } from "@darkroom/core";
import { COLUMN_ALIASES, columnKey, type ManifestColumn } from "./columns.ts";

/** Words near to a name of ours which people call columns of their own. */
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

/** A shorter name is near to too many words; only `mod` for `mode`, with its last letter left out, is told. */
const LEAST_CHARS = 4;
/** A longer name of ours may have two typos; a name in another language may have one. */
const ONE_TYPO_CHARS = 8;

/**
 * The column of ours that was probably meant by one that is none: its name has a typo, or is the beginning of ours, or has
 * a typo of one of our names in other languages. The first letters must be the same, as people seldom mistype it.
 *
 * @param absent columns of ours that the manifest does not have
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
