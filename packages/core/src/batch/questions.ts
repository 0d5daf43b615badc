import type { Recipe } from "../recipe/recipe.ts";
import { MAX_ANSWERS } from "../recipe/answer-limits.ts";

/** Normalizes a question for comparison: ignores case, white space and final punctuation. */
export function normalQuestion(text: string): string {
  return text
    .normalize("NFKC")
    .toLowerCase()
    .replaceAll(/\s+/g, " ")
    .replace(/[\s?!.:…]+$/u, "")
    .trim();
}

/** Returns a recipe's answer to a question: the specific answer, or otherwise the standing one. */
export function answerTo({ answers, clarificationAnswer }: Recipe, question: string): string | undefined {
  const asked = normalQuestion(question);
  return answers?.find((known) => normalQuestion(known.question) === asked)?.answer ?? clarificationAnswer;
}

/** Returns all answers that a recipe may give to a question. */
export function answersOf({ answers = [], clarificationAnswer }: Recipe): string[] {
  return [...answers.map(({ answer }) => answer), ...(clarificationAnswer === undefined ? [] : [clarificationAnswer])];
}

/**
 * Returns the recipe with an answer, which replaces all others unless it is for a specific question.
 *
 * @param question the specific question; undefined for any question
 */
export function withAnswer(recipe: Recipe, answer: string, question?: string): Recipe {
  const { answers: before, ...rest } = recipe;
  if (question === undefined) return { ...rest, clarificationAnswer: answer };
  const asked = normalQuestion(question);
  const others = (before ?? []).filter((known) => normalQuestion(known.question) !== asked);
  return { ...rest, clarificationAnswer: answer, answers: [...others, { question, answer }].slice(-MAX_ANSWERS) };
}
