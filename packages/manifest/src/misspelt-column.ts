import { typosBetween } from "@darkroom/core";
import { COLUMN_ALIASES, columnKey, type ManifestColumn } from "./columns.ts";

/** Words near to a name of ours which people call columns of their own. */
const OTHER_WORDS: ReadonlySet<string> = new Set([
  "designation",
  "made",
  "mod",
  "moda",
  "model",
  "more",
  "move",
  "pres",
  "present",
  "prof",
  "profi",
  "profil",
  "profile",
  "prom",
]);

/** A shorter name is near to too many words; of these no typo is told. */
const LEAST_CHARS = 4;
/** A longer name of ours may have two typos. */
const ONE_TYPO_CHARS = 8;
/** Names in other languages are told apart by one typo, and the short ones not at all. */
const LEAST_ALIAS_CHARS = 7;

/**
 * The column of ours that was probably meant by one that is none: its name has a typo, or is the beginning of ours. The
 * first letters must be the same, as people seldom mistype it.
 *
 * @param absent columns of ours that the manifest does not have
 */
export function misspeltColumn(name: string, absent: readonly ManifestColumn[]): ManifestColumn | undefined {
  const key = columnKey(name);
  if (key.length < LEAST_CHARS || OTHER_WORDS.has(key)) return undefined;
  return absent.find((column) => {
    const own = columnKey(column);
    if (own.length < LEAST_CHARS) return false;
    if (own.startsWith(key) || isNear(key, own, own.length > ONE_TYPO_CHARS ? 2 : 1)) return true;
    const aliases = COLUMN_ALIASES[column].filter(({ length }) => length >= LEAST_ALIAS_CHARS);
    return column !== "source" && aliases.some((alias) => isNear(key, alias, 1));
  });
}

function isNear(key: string, own: string, typos: number): boolean {
  return key[0] === own[0] && typosBetween(key, own) <= typos;
}
