import { z } from "zod";
import { canonicalJson } from "../delivery/fingerprint.ts";
import { OUTCOME_CODES, OUTCOMES, type OutcomeCode, type OutcomeLine } from "../report/outcome.ts";
import { MAX_ANSWER_CHARS, normalQuestion, withAnswer } from "./questions.ts";
import { recipeInputFields, recipeSchema, type Recipe } from "../recipe/recipe.ts";

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
});

export type RecipeChange = z.infer<typeof recipeChangeSchema>;

/** A second chance for portraits that failed, as a person asks for it. */
export const retryRequestSchema = z.strictObject({
  /** Only portraits that ended with one of these. Defaults to every retryable code, or to every failure but bad rows when the recipe changes. */
  codes: z
    .array(z.enum(OUTCOME_CODES as [OutcomeCode, ...OutcomeCode[]]))
    .min(1)
    .optional(),
  /** What changes in the recipe; portraits that have a prompt, preset or mode of their own keep it. */
  recipe: recipeChangeSchema.optional(),
});

export type RetryRequest = z.infer<typeof retryRequestSchema>;

/** What a person answers to the provider's agent. */
export const answerRequestSchema = z.strictObject({
  /** Said in the same session when the agent asks. */
  answer: z.string().trim().min(1).max(MAX_ANSWER_CHARS),
  /** Only for the portraits that ended with this question; capitals, spaces and the mark at its end do not count. */
  question: z.string().trim().min(1).max(MAX_ANSWER_CHARS).optional(),
});

export type AnswerRequest = z.infer<typeof answerRequestSchema>;

/** One more round of a batch: which portraits were opened again, and with which recipe. Round 0 is the batch's first. */
export interface Round {
  /** From 1. */
  readonly number: number;
  /** Epoch ms; outcomes from before are of earlier rounds. */
  readonly at: number;
  readonly codes: readonly OutcomeCode[];
  /** Of those codes only portraits whose outcome holds this question. */
  readonly question?: string;
  /** Of those only portraits that ended in one of these rounds of their own. Absent: in any. */
  readonly ofRounds?: readonly number[];
  /** It takes the place of the same round, which Redis had forgotten. */
  readonly again?: true;
  /** The whole recipe of the portraits that it opens. */
  readonly recipe: Recipe;
}

/** Whether a round opens the portrait again whose latest outcome this is. */
export function opensAgain(
  { number, codes, question, ofRounds }: Pick<Round, "number" | "codes" | "question" | "ofRounds">,
  line: Pick<OutcomeLine, "code" | "round" | "batchRound" | "question">,
): boolean {
  // What ended while the round ran was not opened by it, whichever round it was of.
  if ((line.batchRound ?? line.round ?? 0) >= number || !codes.includes(line.code)) return false;
  if (ofRounds?.includes(line.round ?? 0) === false) return false;
  if (question === undefined) return true;
  return line.question !== undefined && normalQuestion(line.question.text) === normalQuestion(question);
}

/**
 * Whether an outcome is of a round that Redis has forgotten since: one that opens nothing now, or whose place another one
 * has taken. To the ledger the portrait has not ended so.
 */
export function isForgotten({ round = 0, at }: Pick<OutcomeLine, "round" | "at">, rounds: readonly Round[]): boolean {
  const own = rounds.find(({ number }) => number === round);
  return own !== undefined && (own.codes.length === 0 || (own.again === true && at < own.at));
}

/** The outcome codes that a retry opens when none is named. */
export function defaultRetryCodes(recipeChanges: boolean): readonly OutcomeCode[] {
  return OUTCOME_CODES.filter((code) => {
    const { state, retryable } = OUTCOMES[code];
    return (state === "failed" || state === "cancelled") && (retryable || (recipeChanges && isRetriable(code)));
  });
}

/** False for what cannot end otherwise: good endings, and rows that never became portraits. */
export function isRetriable(code: OutcomeCode): boolean {
  return OUTCOMES[code].state !== "succeeded" && OUTCOMES[code].state !== "skipped" && code !== "invalid_row";
}

/** The recipe with a retry's wishes applied. */
export function changeRecipe(recipe: Recipe, change: RecipeChange): Recipe {
  const { preset, prompt, steps, clarificationAnswer, ...rest } = change;
  const chosen = steps ?? (preset === undefined ? (prompt === undefined ? recipe.steps : [{ prompt }]) : [{ preset }]);
  const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  const retry = change.retry === undefined ? {} : { retry: { ...recipe.retry, ...change.retry } };
  const told = clarificationAnswer === undefined ? recipe : withAnswer(recipe, clarificationAnswer);
  return recipeSchema.parse({ ...told, ...given, ...retry, steps: chosen });
}

/** The recipe of a round of a batch. */
export function recipeOfRound(first: Recipe, rounds: readonly Round[], round: number): Recipe {
  return rounds.find(({ number }) => number === round)?.recipe ?? first;
}

/**
 * The recipe that a retry begins with: that of the latest round that may be for any portrait, with what the agent has
 * been answered since.
 */
export function latestRecipe(first: Recipe, rounds: readonly Round[]): Recipe {
  return recipeOfPortrait(first, rounds, rounds.findLast(({ ofRounds }) => ofRounds === undefined)?.number ?? 0);
}

/** A recipe, and the rounds of a batch whose portraits have it. */
export interface RecipeInUse {
  readonly recipe: Recipe;
  readonly rounds: readonly number[];
}

/** The recipes that portraits of a batch have, the oldest first, each once. */
export function recipesInUse(first: Recipe, rounds: readonly Round[]): readonly RecipeInUse[] {
  const recipeOf = (round: number): Recipe => recipeOfPortrait(first, rounds, round);
  const numbers = [0, ...rounds.map(({ number }) => number)];
  return [...Map.groupBy(numbers, (number) => canonicalJson(recipeOf(number))).values()].map((alike) => ({
    recipe: recipeOf(alike[0] ?? 0),
    rounds: alike,
  }));
}

/** What is done to a portrait of a round: its round's recipe, and what the agent has been answered since. */
export function recipeOfPortrait(first: Recipe, rounds: readonly Round[], round: number): Recipe {
  const { answers: _, clarificationAnswer: __, ...own } = recipeOfRound(first, rounds, round);
  const { answers, clarificationAnswer } = rounds.at(-1)?.recipe ?? first;
  return {
    ...own,
    ...(answers === undefined ? {} : { answers }),
    ...(clarificationAnswer === undefined ? {} : { clarificationAnswer }),
  };
}
