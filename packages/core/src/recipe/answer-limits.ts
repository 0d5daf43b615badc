/** Maximum length of an answer, in characters. */
export const MAX_ANSWER_CHARS = 2_000;

/** Maximum number of questions of a recipe with a specific answer. */
export const MAX_ANSWERS = 100;
