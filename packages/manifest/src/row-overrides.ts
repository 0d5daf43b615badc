import {
  hasControlCharacter,
  INTENSITIES,
  MAX_PROMPT_CHARS,
  MODES,
  PRESET_NAMES,
  type RecipeOverrides,
} from "@darkroom/core";
import { badRow, shown, type ManifestRecord } from "./manifest-record.ts";

/** Maximum number of profiles in a row. The provider recommends as few as possible (provider contract B). */
export const MAX_PROFILE_IDS = 50;
const MAX_PROFILE_ID_CHARS = 200;

/**
 * Returns the row's overrides of the recipe.
 *
 * @throws DarkroomError `invalid_input`
 */
export function rowOverrides(columns: ManifestRecord["columns"]): RecipeOverrides {
  const { prompt, preset, mode, intensity } = columns;
  if (prompt === undefined && preset === undefined && mode === undefined && intensity === undefined) return {};
  const wished = {
    ...(prompt === undefined ? {} : { prompt: checkedPrompt(prompt) }),
    ...one(
      "preset",
      preset
        ?.trim()
        .toLowerCase()
        .replaceAll(/[\s_]+/g, "-"),
      PRESET_NAMES,
    ),
    ...one("mode", mode?.trim().toLowerCase(), MODES),
    ...one("intensity", intensity?.trim().toLowerCase(), INTENSITIES),
  };
  if (wished.prompt !== undefined && wished.preset !== undefined) {
    throw badRow("prompt", "this row has both a prompt and a preset; keep one of them");
  }
  return wished;
}

function checkedPrompt(value: string): string {
  const prompt = value.trim();
  if (prompt === "") throw badRow("prompt", "the prompt is blank; write one, or leave the column empty");
  if (prompt.length > MAX_PROMPT_CHARS) {
    throw badRow("prompt", `the prompt has ${prompt.length} characters; the provider accepts ${MAX_PROMPT_CHARS}`);
  }
  return prompt;
}

function one<Name extends "preset" | "mode" | "intensity">(
  name: Name,
  value: string | undefined,
  allowed: readonly string[],
): Partial<Record<Name, string>> {
  if (value === undefined || value === "") return {};
  if (!allowed.includes(value)) {
    const words = /^[\d.,]+$/.test(value) ? "is a number, and this column holds a word" : "is not known";
    throw badRow(name, `${name} ${shown(value)} ${words}; use ${allowed.join(", ")}`);
  }
  const wished: Partial<Record<Name, string>> = {};
  wished[name] = value;
  return wished;
}

/**
 * Returns the unique ids of a `profile_ids` column, separated by `|`, `,`, `;` or spaces.
 *
 * @throws DarkroomError `invalid_input`
 */
export function profileIdsOf(value: string | undefined): readonly string[] | undefined {
  if (value === undefined || value.trim() === "") return undefined;
  const ids = [...new Set(value.split(/[|,;\s]+/).filter((id) => id !== ""))];
  if (ids.length === 0) {
    throw badRow(
      "profile_ids",
      "profile_ids contains separators but no id; write ids like a|b, or leave the column empty",
    );
  }
  if (ids.length > MAX_PROFILE_IDS) {
    const message = `profile_ids contains ${ids.length} ids, and the maximum is ${MAX_PROFILE_IDS}; name only those of the person in the photo`;
    throw badRow("profile_ids", message);
  }
  const odd = ids.find((id) => id.length > MAX_PROFILE_ID_CHARS || hasControlCharacter(id) || !id.isWellFormed());
  if (odd !== undefined) {
    throw badRow("profile_ids", `profile_ids contains ${shown(odd)}, which is too long or not text; copy the id again`);
  }
  return ids;
}
