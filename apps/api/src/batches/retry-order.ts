import {
  canonicalJson,
  changeRecipe,
  DarkroomError,
  defaultRetryCodes,
  isRetriable,
  latestRecipe,
  type OutcomeCode,
  type Recipe,
  type RetryRequest,
} from "@darkroom/core";
import type { BatchRecord } from "@darkroom/ledger";

/** Returns the recipe of a retry: that of the latest round, with the changes. */
export function recipeWished({ spec, rounds }: BatchRecord, { recipe: change }: RetryRequest): Recipe {
  const before = latestRecipe(spec.recipe, rounds);
  if (change === undefined) return before;
  const given = [change.preset, change.prompt, change.steps].filter((part) => part !== undefined).length;
  if (given > 1) {
    throw new DarkroomError("invalid_input", "recipe: name one of preset, prompt or steps.", { field: "recipe" });
  }
  return changeRecipe(before, change);
}

/**
 * Returns the outcomes that a retry reopens.
 *
 * @throws DarkroomError `conflict` if no portrait has one of them
 */
export function codesWished(record: BatchRecord, { codes, recipe }: RetryRequest): readonly OutcomeCode[] {
  checkRetriable(codes, "codes");
  const wished = codes ?? codesByDefault(recipe);
  if (record.cancelled && !wished.includes(record.stopCode)) {
    throw new DarkroomError(
      "conflict",
      `This batch was stopped: a retry continues the portraits that never started (${record.stopCode}). Include that code, or omit codes.`,
      { field: "codes" },
    );
  }
  if (!wished.some((code) => (record.failures[code] ?? 0) > 0)) {
    const there = Object.keys(record.failures).join(", ");
    throw new DarkroomError(
      "conflict",
      there === ""
        ? "Nothing to retry: no portrait of this batch failed."
        : `Nothing to retry: the failed portraits (${there}) would end the same way. Name these codes once you have replaced the photos, or change the recipe.`,
      { field: "codes" },
    );
  }
  return wished;
}

/** @throws DarkroomError `invalid_input` for an outcome that can never be retried */
export function checkRetriable(codes: readonly OutcomeCode[] | undefined, field: string): void {
  const never = codes?.find((code) => !isRetriable(code));
  if (never === undefined) return;
  const instead = never === "invalid_row" ? "; fix the manifest and submit those rows" : "";
  const message = `${field}: portraits that ended with ${never} cannot be retried${instead}.`;
  throw new DarkroomError("invalid_input", message, { field });
}

/** Returns the outcomes that a retry reopens unless it names others. */
export function codesByDefault(recipe: RetryRequest["recipe"]): readonly OutcomeCode[] {
  const changes =
    recipe !== undefined && canonicalJson(recipe) !== "{}" && Object.keys(recipe).some((field) => field !== "retry");
  return defaultRetryCodes(changes);
}
