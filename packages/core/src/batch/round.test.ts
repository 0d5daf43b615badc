import { expect, test } from "vitest";
import { withAnswer } from "./questions.ts";
import { resolveRecipe } from "../recipe/recipe.ts";
import {
  changeRecipe,
  isForgotten,
  latestRecipe,
  opensAgain,
  recipeOfPortrait,
  recipesInUse,
  type Round,
} from "./round.ts";

const first = resolveRecipe({ preset: "skin-smoothing", mode: "eco" });
const round = (number: number, recipe: Round["recipe"]): Round => ({ number, at: number, codes: ["no_face"], recipe });

test("a portrait keeps the recipe of the round that opened it, whatever later rounds change", () => {
  const dear = changeRecipe(first, { mode: "max", retry: { attempts: 9 } });
  const worded = changeRecipe(dear, { prompt: "even, soft light" });
  const rounds = [round(1, dear), round(2, worded)];
  expect([0, 1, 2].map((number) => recipeOfPortrait(first, rounds, number))).toEqual([first, dear, worded]);
});

test("later answers to the agent apply to portraits of every round", () => {
  const dear = changeRecipe(first, { mode: "max" });
  const rounds = [round(1, dear), round(2, withAnswer(dear, "Natural", "Which look?"))];
  expect(recipeOfPortrait(first, rounds, 0)).toEqual(withAnswer(first, "Natural", "Which look?"));
  expect(recipeOfPortrait(first, [...rounds, round(3, withAnswer(dear, "As you like"))], 0)).toEqual({
    ...first,
    clarificationAnswer: "As you like",
  });
});

test("a round opens what ended before it, not what ended during it", () => {
  const second = round(2, first);
  const opens = (line: { round?: number; batchRound?: number }): boolean =>
    opensAgain(second, { index: 0, code: "no_face", ...line });
  expect([{}, { round: 1 }, { batchRound: 1 }].map(opens)).toEqual([true, true, true]);
  expect([{ round: 2 }, { batchRound: 2 }, { round: 1, batchRound: 3 }].map(opens)).toEqual([false, false, false]);
});

test("a round for portraits of some rounds opens no others", () => {
  const some = { ...round(3, first), ofRounds: [0, 2] };
  const opens = (own?: number): boolean =>
    opensAgain(some, { index: 0, code: "no_face", ...(own === undefined ? {} : { round: own }) });
  expect([undefined, 0, 1, 2, 3].map(opens)).toEqual([true, true, false, true, false]);
});

test("a round for some portraits opens no others", () => {
  const some = { ...round(1, first), codes: ["ok" as const], portraits: "2-4,7" };
  const opens = (index: number): boolean => opensAgain(some, { index, code: "ok" });
  expect([1, 2, 4, 5, 7, 8].map(opens)).toEqual([false, true, true, false, true, false]);
});

test("a portrait that ended in a forgotten round has not ended", () => {
  const again = { ...round(2, first), at: 50, again: true as const };
  const rounds = [{ ...round(1, first), codes: [] }, again, { ...round(3, first), at: 90 }];
  const isOver = (own: number | undefined, at: number): boolean =>
    isForgotten({ at, ...(own === undefined ? {} : { round: own }) }, rounds);
  expect([isOver(undefined, 1), isOver(1, 1), isOver(1, 99)]).toEqual([false, true, true]);
  expect([isOver(2, 49), isOver(2, 50), isOver(3, 80), isOver(4, 1)]).toEqual([true, false, false, false]);
});

test("each recipe in use is listed once, with all rounds of its portraits and the latest answers", () => {
  const dear = changeRecipe(first, { mode: "max" });
  const told = (recipe: Round["recipe"]): Round["recipe"] => withAnswer(recipe, "Natural", "Which look?");
  expect(recipesInUse(first, [])).toEqual([{ recipe: first, rounds: [0] }]);
  expect(
    recipesInUse(first, [round(1, dear), round(2, told(dear)), { ...round(3, told(first)), ofRounds: [0] }]),
  ).toEqual([
    { recipe: told(first), rounds: [0, 3] },
    { recipe: told(dear), rounds: [1, 2] },
  ]);
});

test("a retry starts with the latest recipe for any portrait, and with the latest answers", () => {
  const dear = changeRecipe(first, { mode: "max" });
  const answered = { ...round(2, withAnswer(first, "Natural")), ofRounds: [0] };
  expect(latestRecipe(first, [])).toEqual(first);
  expect(latestRecipe(first, [round(1, dear), answered])).toEqual(withAnswer(dear, "Natural"));
});
