import type { Recipe } from "../recipe/recipe.ts";
import { sha256 } from "../sha256.ts";

/** Serializes JSON with sorted keys and without undefined values, so that equal values produce equal text. */
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
 * Identifies a source photo by its store's ETag and size. For a local file, a link or a store without ETags, the ETag
 * is a content hash.
 */
export interface SourceIdentity {
  readonly etag: string;
  readonly sizeBytes: number;
}

/**
 * Returns the fingerprint of a result: SHA-256, in hex, of the source's identity and the canonical recipe (including
 * profile ids). Independent of the photo's location, so nightly runs pay only for new photos. Excludes settings that do
 * not change the paid call: answers to questions, wait limits, checks and cuts.
 */
export function fingerprint(source: SourceIdentity, recipe: Recipe, profileIds: readonly string[] = []): string {
  // Equals the canonicalJson of the whole object, but serializes the part common to a batch only once.
  const people = profileIds.length === 0 ? "" : `"profileIds":${canonicalJson([...profileIds].sort())},`;
  const photo = `{"etag":${JSON.stringify(source.etag.replaceAll('"', ""))},"sizeBytes":${source.sizeBytes}}`;
  const text = `{${people}"recipe":${orderedText(recipe)},"source":${photo},"v":1}`;
  return sha256(text);
}

const orderedTexts = new WeakMap<Recipe, string>();

function orderedText(recipe: Recipe): string {
  const kept = orderedTexts.get(recipe);
  if (kept !== undefined) return kept;
  const {
    clarificationAnswer: _,
    answers: _answers,
    retry: __,
    faces: _faces,
    likeness: _likeness,
    output,
    ...ordered
  } = recipe;
  const { leastShare: ___, deliveries: ____, variations, ...paid } = output;
  const text = canonicalJson({
    ...ordered,
    output: { ...paid, ...(variations === undefined || variations === 1 ? {} : { variations }) },
  });
  orderedTexts.set(recipe, text);
  return text;
}

const hashes = new WeakMap<Recipe, string>();

/**
 * A short hash of the paid work without the photo, for the metadata of its results: the beginning of its SHA-256 in
 * hex. Two fingerprints of one photo differ exactly when this hash differs.
 */
export function recipeHash(recipe: Recipe, profileIds: readonly string[] = []): string {
  if (profileIds.length > 0) return shortHash(`${canonicalJson([...profileIds].sort())}${orderedText(recipe)}`);
  const kept = hashes.get(recipe);
  if (kept !== undefined) return kept;
  const hash = shortHash(orderedText(recipe));
  hashes.set(recipe, hash);
  return hash;
}

function shortHash(text: string): string {
  return sha256(text).slice(0, 16);
}
