import { expect, test } from "vitest";
import { MAX_PROMPT_CHARS, MAX_STEPS, recipeFor, recipeInputSchema, recipeSchema, resolveRecipe } from "./recipe.ts";

const recipe = resolveRecipe({ preset: "skin-smoothing", mode: "eco" });

function problems(input: unknown): string[] {
  return (
    recipeInputSchema.safeParse(input).error?.issues.map(({ path, message }) => `${path.join(".")}: ${message}`) ?? []
  );
}

test("a preset and a mode are a whole recipe", () => {
  expect(recipe).toEqual({
    provider: "each-sense",
    mode: "eco",
    steps: [{ preset: "skin-smoothing" }],
    intensity: "subtle",
    useCase: "headshot",
    preserve: [],
    output: { format: "source" },
  });
  expect(recipeSchema.parse(recipe)).toEqual(recipe);
});

test("everything that a person wrote is kept", () => {
  const written = recipeInputSchema.parse({
    provider: "phota",
    steps: [{ preset: "background-blur" }, { prompt: "  warmer light " }],
    mode: "max",
    intensity: "dramatic",
    useCase: "print",
    preserve: ["the glasses"],
    outcome: "fit for a poster",
    clarificationAnswer: "Decide yourself.",
    output: { format: "png" },
  });
  expect(resolveRecipe(written)).toEqual(written);
  expect(written.steps?.[1]).toEqual({ prompt: "warmer light" });
  expect(resolveRecipe({ prompt: "warmer light", mode: "max" }).steps).toEqual([{ prompt: "warmer light" }]);
});

test.each([{ preset: "skin-smoothing" }, { preset: "skin-smoothing", mode: "turbo" }])(
  "a recipe without a known mode is told what the modes are: %j",
  (input) => {
    const [problem, ...others] = problems(input);
    expect(others).toEqual([]);
    expect(problem).toMatch(/^mode: must be named: "eco" .* or "max" /);
  },
);

test("a recipe for Phota, which has no modes, need name none", () => {
  const written = recipeInputSchema.parse({ provider: "phota", preset: "skin-smoothing" });
  expect(resolveRecipe(written)).toMatchObject({ provider: "phota", mode: "max" });
  expect(resolveRecipe({ ...written, mode: "eco" }).mode).toBe("eco");
});

test("several pictures of each portrait are made by Phota alone", () => {
  const wished = { preset: "skin-smoothing", mode: "eco", output: { variations: 2 } };
  expect(problems(wished)).toEqual([expect.stringMatching(/^output\.variations: each::sense makes one .*"phota"/)]);
  expect(problems({ ...wished, provider: "phota" })).toEqual([]);
  expect(problems({ ...wished, output: { variations: 1 } })).toEqual([]);
  expect(problems({ ...wished, provider: "phota", output: { variations: 5 } })).toHaveLength(1);
});

test.each([
  { mode: "eco" },
  { mode: "eco", preset: "skin-smoothing", prompt: "x" },
  { mode: "eco", prompt: "x", steps: [{ prompt: "y" }] },
])("a recipe names exactly one of preset, prompt or steps: %j", (input) => {
  expect(problems(input)).toEqual(["preset: a recipe names exactly one of preset, prompt or steps"]);
});

test.each([
  { mode: "eco", preset: "sharpen" },
  { mode: "eco", prompt: "   " },
  { mode: "eco", prompt: "x".repeat(MAX_PROMPT_CHARS + 1) },
  { mode: "eco", steps: [] },
  { mode: "eco", steps: Array.from({ length: MAX_STEPS + 1 }, () => ({ prompt: "x" })) },
  { mode: "eco", steps: [{ preset: "skin-smoothing", prompt: "x" }] },
  { mode: "eco", prompt: "x", strength: 3 },
])("what is not a recipe is refused", (input) => {
  expect(problems(input)).not.toEqual([]);
});

test("a row without wishes gets the batch's recipe itself", () => {
  expect(recipeFor(recipe, {})).toBe(recipe);
});

test("a row's wishes replace those of the batch and nothing else", () => {
  expect(recipeFor(recipe, { mode: "max", intensity: "moderate" })).toEqual({
    ...recipe,
    mode: "max",
    intensity: "moderate",
  });
  expect(recipeFor(recipe, { prompt: "warmer" })).toEqual({ ...recipe, steps: [{ prompt: "warmer" }] });
  expect(recipeFor(recipe, { preset: "age-reduction" })).toEqual({ ...recipe, steps: [{ preset: "age-reduction" }] });
  expect(recipe.mode).toBe("eco");
});

test("a row's wish that is none throws", () => {
  expect(() => recipeFor(recipe, { mode: "turbo" })).toThrow("mode");
  expect(() => recipeFor(recipe, { preset: "sharpen" })).toThrow("steps");
});
