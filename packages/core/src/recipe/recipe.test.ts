import { expect, test } from "vitest";
import { MAX_PROMPT_CHARS, MAX_STEPS, recipeFor, recipeInputSchema, recipeSchema, resolveRecipe } from "./recipe.ts";

const recipe = resolveRecipe({ preset: "skin-smoothing", mode: "eco" });

function problems(input: unknown): string[] {
  return (
    recipeInputSchema.safeParse(input).error?.issues.map(({ path, message }) => `${path.join(".")}: ${message}`) ?? []
  );
}

test("a preset and a mode are a complete recipe", () => {
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

test("jpg is jpeg, for results and deliveries", () => {
  const output = { format: "jpg", deliveries: [{ name: "website", format: "jpg" }] };
  expect(recipeInputSchema.parse({ preset: "skin-smoothing", mode: "eco", output }).output).toEqual({
    format: "jpeg",
    deliveries: [{ name: "website", format: "jpeg" }],
  });
});

test("keeps everything that the user wrote", () => {
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
  "lists the modes for a recipe without a valid one: %j",
  (input) => {
    const [problem, ...others] = problems(input);
    expect(others).toEqual([]);
    expect(problem).toMatch(/^mode: is required: "eco" .* or "max" /);
  },
);

test("a recipe for Phota, which has no modes, needs none", () => {
  const written = recipeInputSchema.parse({ provider: "phota", preset: "skin-smoothing" });
  expect(resolveRecipe(written)).toMatchObject({ provider: "phota", mode: "max" });
  expect(resolveRecipe({ ...written, mode: "eco" }).mode).toBe("eco");
});

test("only Phota makes several pictures per portrait", () => {
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
])("rejects an invalid recipe", (input) => {
  expect(problems(input)).not.toEqual([]);
});

test("a row without overrides gets the batch's recipe itself", () => {
  expect(recipeFor(recipe, {})).toBe(recipe);
});

test("a row's overrides replace those fields of the batch and no others", () => {
  expect(recipeFor(recipe, { mode: "max", intensity: "moderate" })).toEqual({
    ...recipe,
    mode: "max",
    intensity: "moderate",
  });
  expect(recipeFor(recipe, { prompt: "warmer" })).toEqual({ ...recipe, steps: [{ prompt: "warmer" }] });
  expect(recipeFor(recipe, { preset: "age-reduction" })).toEqual({ ...recipe, steps: [{ preset: "age-reduction" }] });
  expect(recipe.mode).toBe("eco");
});

test("throws for an invalid override of a row", () => {
  expect(() => recipeFor(recipe, { mode: "turbo" })).toThrow("mode");
  expect(() => recipeFor(recipe, { preset: "sharpen" })).toThrow("steps");
});
