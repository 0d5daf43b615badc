import type { Recipe } from "../recipe/recipe.ts";

/** The longest answer to a question, in characters. */
export const MAX_ANSWER_CHARS = 2_000;
/** Questions of one recipe that have an answer of their own. */
export const MAX_ANSWERS = 100;

/** A question as it is compared: capitals, spaces and the marks at its end do not count. */
export function normalQuestion(text: string): string {
  return text
    .normalize("NFKC")
    .toLowerCase()
    .replaceAll(/\s+/g, " ")
    .replace(/[\s?!.:…]+$/u, "")
    .trim();
}

/** What a recipe answers when it is asked this: the answer to that very question, or else its standing answer. */
export function answerTo({ answers, clarificationAnswer }: Recipe, question: string): string | undefined {
  const asked = normalQuestion(question);
  return answers?.find((known) => normalQuestion(known.question) === asked)?.answer ?? clarificationAnswer;
}

/** Everything that a recipe may say to a question. */
export function answersOf({ answers = [], clarificationAnswer }: Recipe): string[] {
  return [...answers.map(({ answer }) => answer), ...(clarificationAnswer === undefined ? [] : [clarificationAnswer])];
}

/**
 * The recipe with an answer. It stands for every question from now on; an answer that was given to one question stays
 * that question's.
 *
 * @param question what it answers; undefined for whatever is asked
 */
export function withAnswer(recipe: Recipe, answer: string, question?: string): Recipe {
  const { answers: before, ...rest } = recipe;
  if (question === undefined) return { ...rest, clarificationAnswer: answer };
  const asked = normalQuestion(question);
  const others = (before ?? []).filter((known) => normalQuestion(known.question) !== asked);
  return { ...rest, clarificationAnswer: answer, answers: [...others, { question, answer }].slice(-MAX_ANSWERS) };
}
