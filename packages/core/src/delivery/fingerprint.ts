import type { Recipe } from "../recipe/recipe.ts";
import { sha256 } from "../sha256.ts";

/** JSON with its keys in order and no undefined values, so that equal things have equal text. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item ?? null)).join(",")}]`;
  if (value !== null && typeof value === "object") {
    const entries = Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`).join(",")}}`;
  }
  return JSON.stringify(value) ?? "null";
}

/**
 * What makes a source photo the same photo: its store's ETag and size. A local folder's ETag is its content hash; of a link,
 * and where a store has no ETag, it is a hash of the content too.
 */
export interface SourceIdentity {
  readonly etag: string;
  readonly sizeBytes: number;
}

/**
 * The fingerprint of a result: SHA-256, in hex, of the source's identity and the canonical recipe (profile ids
 * included). The same photo with the same recipe has the same fingerprint wherever it lies; it is what makes a
 * nightly run cheap. The answers to questions, the patience with the provider, what is checked of the result and
 * the cuts that are made of it are not part of what was paid for and are left out.
 */
export function fingerprint(source: SourceIdentity, recipe: Recipe, profileIds: readonly string[] = []): string {
  // As canonicalJson would write all of it, with the part that is the same for a whole batch written once.
  const people = profileIds.length === 0 ? "" : `"profileIds":${canonicalJson([...profileIds].sort())},`;
  const photo = `{"etag":${JSON.stringify(source.etag.replaceAll('"', ""))},"sizeBytes":${source.sizeBytes}}`;
  const text = `{${people}"recipe":${orderedText(recipe)},"source":${photo},"v":1}`;
  return sha256(text);
}

const orderedTexts = new WeakMap<Recipe, string>();

function orderedText(recipe: Recipe): string {
  const kept = orderedTexts.get(recipe);
  if (kept !== undefined) return kept;
  const { clarificationAnswer: _, answers: _answers, retry: __, output, ...ordered } = recipe;
  const { leastShare: ___, deliveries: ____, variations, ...paid } = output;
  const text = canonicalJson({
    ...ordered,
    output: { ...paid, ...(variations === undefined || variations === 1 ? {} : { variations }) },
  });
  orderedTexts.set(recipe, text);
  return text;
}

const hashes = new WeakMap<Recipe, string>();

/** A short name of a recipe, for the metadata of its results: the beginning of its SHA-256 in hex. */
export function recipeHash(recipe: Recipe): string {
  const kept = hashes.get(recipe);
  if (kept !== undefined) return kept;
  const hash = sha256(canonicalJson(recipe)).slice(0, 16);
  hashes.set(recipe, hash);
  return hash;
}
