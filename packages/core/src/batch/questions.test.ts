import { expect, test } from "vitest";
import { answersOf, answerTo, normalQuestion, withAnswer } from "./questions.ts";
import { MAX_ANSWERS } from "../recipe/answer-limits.ts";
import { recipeSchema, resolveRecipe } from "../recipe/recipe.ts";
import { changeRecipe } from "./round.ts";

const recipe = resolveRecipe({ preset: "skin-smoothing", mode: "eco" });

test.each([
  ["Which look?", "which  LOOK"],
  ["Which look would you like?", " Which look\nwould you like …"],
  ["Keep the glasses?!", "keep the glasses"],
])("%j is the same question as %j", (one, other) => {
  expect(normalQuestion(one)).toBe(normalQuestion(other));
});

test("different words are another question", () => {
  expect(normalQuestion("Which look?")).not.toBe(normalQuestion("Which background?"));
});

test("an answer to a specific question precedes the standing answer", () => {
  const told = withAnswer(withAnswer(recipe, "Natural", "Which look?"), "Grey", "Which background?");
  expect(answerTo(told, "which look")).toBe("Natural");
  expect(answerTo(told, "Which background")).toBe("Grey");
  // The agent may phrase its question differently the next time.
  expect(answerTo(told, "Anything else?")).toBe("Grey");
  expect(answerTo(recipe, "Which look?")).toBeUndefined();
});

test("a portrait may have been given any of its recipe's answers", () => {
  const told = withAnswer(withAnswer(recipe, "Natural", "Which look?"), "Grey", "Which background?");
  expect(new Set(answersOf(told))).toEqual(new Set(["Natural", "Grey"]));
  expect(answersOf(recipe)).toEqual([]);
});

test("an answer to any question replaces those to specific questions", () => {
  const told = withAnswer(withAnswer(recipe, "Natural", "Which look?"), "As you like");
  expect(answerTo(told, "Which look?")).toBe("As you like");
});

test("a retry with another standing answer uses that, whatever was answered before", () => {
  const told = withAnswer(recipe, "Natural", "Which look?");
  expect(answerTo(changeRecipe(told, { clarificationAnswer: "Studio" }), "Which look?")).toBe("Studio");
  expect(answerTo(changeRecipe(told, { mode: "max" }), "Which look?")).toBe("Natural");
});

test("a second answer to the same question replaces the first, and the recipe stays valid", () => {
  let told = recipe;
  for (let nth = 0; nth < MAX_ANSWERS + 5; nth += 1) told = withAnswer(told, `answer ${nth}`, `question ${nth}?`);
  told = withAnswer(told, "last", `Question ${MAX_ANSWERS}`);
  expect(recipeSchema.parse(told)).toEqual(told);
  expect(told.answers).toHaveLength(MAX_ANSWERS);
  expect(answerTo(told, `question ${MAX_ANSWERS}?`)).toBe("last");
});
