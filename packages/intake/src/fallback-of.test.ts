import { expect, it } from "vitest";
import { resolveRecipe, type RecipeInput, type Submission } from "@darkroom/core";
import { fallbackOf } from "./fallback-of.ts";

const RULES = {
  lanes: { "each-sense": "each-sense", phota: "phota" },
  laneProviders: { "each-sense": "each-sense", phota: "phota", "studio-b": "each-sense", "twin-x": "each-sense" },
} as const;
const SENSE: RecipeInput = { preset: "professional-polish", mode: "eco" };

function found(fallback: Submission["fallback"], recipe: RecipeInput = SENSE, lane = "each-sense") {
  return fallbackOf({ fallback, recipe }, resolveRecipe(recipe), lane, RULES);
}

it("accepts the first lane of a provider, or a lane by name, even of the same provider", () => {
  expect(found(undefined)).toBeUndefined();
  expect(found({ provider: "phota", afterMinutes: 10 })).toEqual({
    lane: "phota",
    provider: "phota",
    afterMinutes: 10,
  });
  expect(found({ lane: "studio-b", afterMinutes: 1 })).toEqual({
    lane: "studio-b",
    provider: "each-sense",
    afterMinutes: 1,
  });
});

it.each([
  ["a lane that is not there", { lane: "studio-c" }, SENSE, /there is no lane for "studio-c"; .*"phota", "studio-b"/],
  ["the batch's own lane", { lane: "each-sense" }, SENSE, /the batch's own/],
  ["the batch's own provider, where that is its lane", { provider: "each-sense" }, SENSE, /the batch's own/],
  ["the twin for what is paid for", { lane: "twin-x" }, SENSE, /paid and simulated work are never mixed/],
] as const)("rejects %s", (_, wished, recipe, message) => {
  expect(() => found({ ...wished, afterMinutes: 10 }, recipe)).toThrow(message);
});

it("rejects a provider that does not support the recipe", () => {
  const phota: RecipeInput = { provider: "phota", preset: "professional-polish" };
  const two: RecipeInput = { ...phota, mode: "eco", output: { variations: 2 } };
  expect(() => found({ provider: "each-sense", afterMinutes: 10 }, two, "phota")).toThrow(/one picture per portrait/);
  expect(() => found({ provider: "each-sense", afterMinutes: 10 }, phota, "phota")).toThrow(/name "eco" or "max"/);
  expect(found({ provider: "each-sense", afterMinutes: 10 }, { ...phota, mode: "eco" }, "phota")?.lane).toBe(
    "each-sense",
  );
});
