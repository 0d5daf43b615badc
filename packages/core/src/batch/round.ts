import { z } from "zod";
import { canonicalJson } from "../delivery/fingerprint.ts";
import { OUTCOME_CODES, OUTCOMES, type OutcomeCode, type OutcomeLine } from "../report/outcome.ts";
import { normalQuestion, withAnswer } from "./questions.ts";
import { MAX_ANSWER_CHARS } from "../recipe/answer-limits.ts";
import { isInRanges } from "../review/index-ranges.ts";
import { recipeInputFields, recipeSchema, type Recipe } from "../recipe/recipe.ts";
import { textSchema } from "../written-text.ts";

/** The parts of a recipe that a retry may change. */
export const recipeChangeSchema = z.strictObject({
  preset: recipeInputFields.preset,
  prompt: recipeInputFields.prompt,
  steps: recipeInputFields.steps,
  mode: recipeSchema.shape.mode.optional(),
  intensity: recipeInputFields.intensity,
  useCase: recipeInputFields.useCase,
  preserve: recipeInputFields.preserve,
  outcome: recipeInputFields.outcome,
  clarificationAnswer: recipeInputFields.clarificationAnswer,
  retry: recipeInputFields.retry,
  faces: recipeInputFields.faces,
  likeness: recipeInputFields.likeness,
});

export type RecipeChange = z.infer<typeof recipeChangeSchema>;

/** A retry of failed portraits, as ordered by a user. */
export const retryRequestSchema = z.strictObject({
  /**
   * Outcome codes of the portraits to retry. Defaults to every retryable code, or, if the recipe changes, to every
   * failure except bad rows.
   */
  codes: z
    .array(z.enum(OUTCOME_CODES as [OutcomeCode, ...OutcomeCode[]]))
    .min(1)
    .optional(),
  /** Changes to the recipe. Portraits with their own prompt, preset or mode keep those. */
  recipe: recipeChangeSchema.optional(),
});

export type RetryRequest = z.infer<typeof retryRequestSchema>;

/** A user's answer to the provider's agent. */
export const answerRequestSchema = z.strictObject({
  /** Sent in the same session when the agent asks. */
  answer: textSchema(MAX_ANSWER_CHARS),
  /** Limits the answer to portraits that ended with this question, ignoring case, white space and final punctuation. */
  question: z.string().trim().min(1).max(MAX_ANSWER_CHARS).optional(),
});

export type AnswerRequest = z.infer<typeof answerRequestSchema>;

/** A retry round: which portraits were reopened, and with which recipe. Round 0 is the batch's first. */
export interface Round {
  /** From 1. */
  readonly number: number;
  /** Epoch ms. Earlier outcomes belong to earlier rounds. */
  readonly at: number;
  readonly codes: readonly OutcomeCode[];
  /** Selects only portraits whose outcome contains this question. */
  readonly question?: string;
  /** Selects only portraits that ended in one of these rounds. Absent: in any. */
  readonly ofRounds?: readonly number[];
  /** Selects only these portraits, as `rangesOf` writes them. Absent: all. */
  readonly portraits?: string;
  /** True if this round replaces the one of the same number, which Redis had forgotten. */
  readonly again?: true;
  /** The complete recipe of the portraits that the round reopens. */
  readonly recipe: Recipe;
}

/** True if a round reopens the portrait with this latest outcome. */
export function opensAgain(
  round: Pick<Round, "number" | "codes" | "question" | "ofRounds" | "portraits">,
  line: Pick<OutcomeLine, "index" | "code" | "round" | "batchRound" | "question">,
): boolean {
  const { number, codes, question, ofRounds, portraits } = round;
  // A round does not reopen portraits that ended while it ran, regardless of their own round.
  if ((line.batchRound ?? line.round ?? 0) >= number || !codes.includes(line.code)) return false;
  if (ofRounds?.includes(line.round ?? 0) === false) return false;
  if (portraits !== undefined && !isInRanges(portraits, line.index)) return false;
  if (question === undefined) return true;
  return line.question !== undefined && normalQuestion(line.question.text) === normalQuestion(question);
}

/**
 * True if an outcome belongs to a round that Redis has forgotten: a round that now reopens nothing, or was replaced. In
 * the ledger, the portrait did not end that way.
 */
export function isForgotten({ round = 0, at }: Pick<OutcomeLine, "round" | "at">, rounds: readonly Round[]): boolean {
  const own = rounds.find(({ number }) => number === round);
  return own !== undefined && (own.codes.length === 0 || (own.again === true && at < own.at));
}

/** Returns the outcome codes that a retry reopens by default. */
export function defaultRetryCodes(recipeChanges: boolean): readonly OutcomeCode[] {
  return OUTCOME_CODES.filter((code) => {
    const { state, retryable } = OUTCOMES[code];
    return (state === "failed" || state === "cancelled") && (retryable || (recipeChanges && isRetriable(code)));
  });
}

/** False for outcomes that cannot change: successes and rejected rows. */
export function isRetriable(code: OutcomeCode): boolean {
  return OUTCOMES[code].state !== "succeeded" && OUTCOMES[code].state !== "skipped" && code !== "invalid_row";
}

/** Returns the recipe with a retry's changes applied. */
export function changeRecipe(recipe: Recipe, change: RecipeChange): Recipe {
  const { preset, prompt, steps, clarificationAnswer, ...rest } = change;
  const chosen = steps ?? (preset === undefined ? (prompt === undefined ? recipe.steps : [{ prompt }]) : [{ preset }]);
  const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  const retry = change.retry === undefined ? {} : { retry: { ...recipe.retry, ...change.retry } };
  const told = clarificationAnswer === undefined ? recipe : withAnswer(recipe, clarificationAnswer);
  return recipeSchema.parse({ ...told, ...given, ...retry, steps: chosen });
}

/** Returns the recipe of a batch's round. */
export function recipeOfRound(first: Recipe, rounds: readonly Round[], round: number): Recipe {
  return rounds.find(({ number }) => number === round)?.recipe ?? first;
}

/** Returns the recipe on which a retry builds: the latest round's recipe, with the later answers to the agent. */
export function latestRecipe(first: Recipe, rounds: readonly Round[]): Recipe {
  return recipeOfPortrait(first, rounds, rounds.findLast(({ ofRounds }) => ofRounds === undefined)?.number ?? 0);
}

/** A recipe, and the rounds of a batch whose portraits use it. */
export interface RecipeInUse {
  readonly recipe: Recipe;
  readonly rounds: readonly number[];
}

/** Returns the distinct recipes of a batch's portraits, oldest first. */
export function recipesInUse(first: Recipe, rounds: readonly Round[]): readonly RecipeInUse[] {
  const recipeOf = (round: number): Recipe => recipeOfPortrait(first, rounds, round);
  const numbers = [0, ...rounds.map(({ number }) => number)];
  return [...Map.groupBy(numbers, (number) => canonicalJson(recipeOf(number))).values()].map((alike) => ({
    recipe: recipeOf(alike[0] ?? 0),
    rounds: alike,
  }));
}

/** Returns the recipe of a portrait: its round's recipe, with the later answers to the agent. */
export function recipeOfPortrait(first: Recipe, rounds: readonly Round[], round: number): Recipe {
  const { answers: _, clarificationAnswer: __, ...own } = recipeOfRound(first, rounds, round);
  const { answers, clarificationAnswer } = rounds.at(-1)?.recipe ?? first;
  return {
    ...own,
    ...(answers === undefined ? {} : { answers }),
    ...(clarificationAnswer === undefined ? {} : { clarificationAnswer }),
  };
}
