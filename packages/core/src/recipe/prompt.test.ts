import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  buildPrompt,
  IDENTITY_CLAUSE,
  INTENSITIES,
  MAX_PROMPT_CHARS,
  MODES,
  PRESET_NAMES,
  PRESETS,
  PROMPT_RESERVE_CHARS,
  REALISM_CLAUSE,
  resolveRecipe,
  USE_CASES,
  type Recipe,
} from "../index.ts";

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

const base: Recipe = resolveRecipe({ preset: "professional-polish", mode: "eco" });

describe("a prompt", () => {
  it("always contains the realism and identity clauses, and is never too long", () => {
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

  it("keeps its clauses and its maximum length for prompts near the limit, whatever they contain", () => {
    const heads = fc.constantFrom("$&", "$'", "$`", "$$", "😀", "a", REALISM_CLAUSE);
    fc.assert(
      fc.property(recipes, heads, fc.integer({ min: 8_000, max: MAX_PROMPT_CHARS }), (recipe, head, length) => {
        const prompt = head.repeat(Math.ceil(length / head.length)).slice(0, length);
        for (const [stepIndex, steps] of [[{ prompt }], [{ prompt: "first" }, { prompt }]].entries()) {
          const built = buildPrompt({ ...recipe, steps }, stepIndex);
          expect(built.length).toBeLessThanOrEqual(MAX_PROMPT_CHARS);
          expect(built.length).toBeGreaterThanOrEqual(8_000);
          expect(built).toContain(IDENTITY_CLAUSE);
          expect(built.slice(-1_800)).toContain(REALISM_CLAUSE);
          expect(built).toContain(head);
        }
      }),
    );
  });

  it("does not cut a character in two", () => {
    for (const pad of ["", "a"]) {
      const steps = [{ prompt: pad + "😀".repeat(4_999) }];
      expect(buildPrompt({ ...base, steps }, 0).isWellFormed()).toBe(true);
    }
  });

  it("cuts no prompt that fits beside the reserved text", () => {
    const prompt = `${"x".repeat(MAX_PROMPT_CHARS - PROMPT_RESERVE_CHARS - 4)}.END`;
    for (const intensity of INTENSITIES) {
      for (const useCase of USE_CASES) {
        const recipe = { ...base, intensity, useCase, steps: [{ prompt: "first" }, { prompt }] };
        expect(buildPrompt(recipe, 1)).toContain(prompt);
      }
    }
  });

  it.each(PRESET_NAMES)("for %s contains the preset's whole text", (preset) => {
    const { enhancement, instructions, preserve, outcome, title } = PRESETS[preset];
    const prompt = buildPrompt({ ...base, steps: [{ preset }] }, 0);
    expect(title).not.toBe("");
    for (const part of [enhancement, instructions, outcome, ...preserve]) expect(prompt).toContain(part);
  });

  it("refines the previous result only in later steps", () => {
    const recipe = { ...base, steps: [{ preset: "skin-smoothing" as const }, { preset: "background-blur" as const }] };
    expect(buildPrompt(recipe, 0)).not.toContain("result before");
    expect(buildPrompt(recipe, 1)).toContain("result before");
    expect(() => buildPrompt(recipe, 2)).toThrow("no step 2");
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

it("puts a user's note about an earlier result into the last step's prompt", () => {
  const recipe = resolveRecipe({ steps: [{ prompt: "Softer skin." }, { prompt: "A grey wall." }], mode: "eco" });
  const redone = { ...recipe, redo: { note: "No shadow, please.", times: 1 } };
  expect(buildPrompt(redone, 1)).toContain("asks for this change: No shadow, please.");
  expect(buildPrompt(redone, 0)).toBe(buildPrompt(recipe, 0));
});
