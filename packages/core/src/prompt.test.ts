import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  buildPrompt,
  IDENTITY_CLAUSE,
  INTENSITIES,
  MAX_PROMPT_CHARS,
  MODES,
  PRESET_NAMES,
  promptWarnings,
  REALISM_CLAUSE,
  USE_CASES,
  type Recipe,
} from "./index.ts";

const recipes: fc.Arbitrary<Recipe> = fc.record({
  provider: fc.constant("each-sense" as const),
  mode: fc.constantFrom(...MODES),
  steps: fc.array(
    fc.oneof(
      fc.record({ preset: fc.constantFrom(...PRESET_NAMES) }),
      fc.record({ prompt: fc.string({ minLength: 1, maxLength: MAX_PROMPT_CHARS }) }),
    ),
    { minLength: 1, maxLength: 4 },
  ),
  intensity: fc.constantFrom(...INTENSITIES),
  useCase: fc.constantFrom(...USE_CASES),
  preserve: fc.array(fc.string({ minLength: 1, maxLength: 50 }), { maxLength: 5 }),
  output: fc.constant({ format: "source" as const }),
});

describe("a prompt", () => {
  it("always holds the realism and identity clauses, and is never too long", () => {
    fc.assert(
      fc.property(recipes, (recipe) => {
        recipe.steps.forEach((_, step) => {
          const prompt = buildPrompt(recipe, step);
          expect(prompt).toContain(REALISM_CLAUSE);
          expect(prompt).toContain(IDENTITY_CLAUSE);
          expect(prompt.length).toBeLessThanOrEqual(MAX_PROMPT_CHARS);
        });
      }),
    );
  });

  it("names enhancement, intensity, what to keep, outcome and use case", () => {
    const prompt = buildPrompt(
      {
        provider: "each-sense",
        mode: "max",
        steps: [{ preset: "teeth-whitening" }, { prompt: "Calm the background." }],
        intensity: "moderate",
        useCase: "linkedin",
        preserve: ["the earring"],
        outcome: "friendly",
        output: { format: "source" },
      },
      0,
    );
    for (const part of ["teeth whitening", "moderate", "the earring", "friendly", "LinkedIn"])
      expect(prompt).toContain(part);
  });
});

describe("warnings", () => {
  it.each([
    "Make her face slimmer",
    "give him a smaller nose",
    "Reshape the jawline",
    "swap the face with a model's",
    "bigger eyes please",
  ])("come for %j", (text) => expect(promptWarnings(text)).toHaveLength(1));

  it.each([
    "Do not change the face",
    "Keep the jawline as it is",
    "Smooth the skin and brighten the eyes",
    "Soften shadows under the chin",
    "Warm the light. Never make the nose smaller.",
  ])("do not come for %j", (text) => expect(promptWarnings(text)).toEqual([]));
});
