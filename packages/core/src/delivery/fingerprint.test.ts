import * as fc from "fast-check";
import { expect, test } from "vitest";
import { canonicalJson, fingerprint, recipeHash } from "./fingerprint.ts";
import { resolveRecipe, type Recipe } from "../recipe/recipe.ts";

const source = { etag: "d41d8cd98f00b204e9800998ecf8427e", sizeBytes: 120_000 };
const recipe = resolveRecipe({ preset: "skin-smoothing", mode: "eco" });

test("objects with keys in another order have the same text", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
      expect(canonicalJson(Object.fromEntries(Object.entries(value).toReversed()))).toBe(canonicalJson(value));
    }),
  );
});

test("canonical text is valid JSON of the same value", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});

test("a recipe with keys in another order has the same fingerprint", () => {
  const turned = Object.fromEntries(Object.entries(recipe).toReversed()) as Recipe;
  expect(Object.keys(turned)[0]).not.toBe(Object.keys(recipe)[0]);
  expect(fingerprint(source, turned)).toBe(fingerprint(source, recipe));
});

test.each<[string, Partial<Recipe>]>([
  ["provider", { provider: "phota" }],
  ["mode", { mode: "max" }],
  ["steps", { steps: [{ prompt: "warmer light" }] }],
  ["order of steps", { steps: [{ preset: "background-blur" }, { preset: "skin-smoothing" }] }],
  ["intensity", { intensity: "dramatic" }],
  ["use case", { useCase: "print" }],
  ["what is preserved", { preserve: ["the glasses"] }],
  ["outcome", { outcome: "ready for print" }],
  ["output format", { output: { format: "png" } }],
])("another %s has another fingerprint", (_, change) => {
  const base = { ...recipe, steps: [{ preset: "skin-smoothing" as const }, { preset: "background-blur" as const }] };
  expect(fingerprint(source, { ...base, ...change })).not.toBe(fingerprint(source, base));
  expect(recipeHash({ ...base, ...change })).not.toBe(recipeHash(base));
});

test("another photo has another fingerprint", () => {
  const base = fingerprint(source, recipe);
  expect(fingerprint({ ...source, etag: "0cc175b9c0f1b6a831c399e269772661" }, recipe)).not.toBe(base);
  expect(fingerprint({ ...source, sizeBytes: 120_001 }, recipe)).not.toBe(base);
});

test("profiles count in any order, and none equals an empty list", () => {
  const base = fingerprint(source, recipe);
  expect(fingerprint(source, recipe, ["p1"])).not.toBe(base);
  expect(fingerprint(source, recipe, ["p1", "p2"])).toBe(fingerprint(source, recipe, ["p2", "p1"]));
  expect(fingerprint(source, recipe, ["p1", "p2"])).not.toBe(fingerprint(source, recipe, ["p1"]));
  expect(fingerprint(source, recipe, [])).toBe(base);
});

test("quotes around an ETag do not count", () => {
  expect(fingerprint({ ...source, etag: `"${source.etag}"` }, recipe)).toBe(fingerprint(source, recipe));
});

test("the standing answer to a question does not count", () => {
  const answered = { ...recipe, clarificationAnswer: "Use your best judgment." };
  expect(fingerprint(source, answered)).toBe(fingerprint(source, recipe));
});

test("paid pictures count; cuts, checks and a single variation do not", () => {
  const base = fingerprint(source, recipe);
  const withOutput = (output: Partial<Recipe["output"]>) =>
    fingerprint(source, { ...recipe, output: { ...recipe.output, ...output } });
  expect(withOutput({ variations: 2 })).not.toBe(base);
  expect(withOutput({ variations: 1 })).toBe(base);
  expect(withOutput({ deliveries: [{ name: "linkedin" }], leastShare: 0.1 })).toBe(base);
});

test("a recipe's hash counts what its fingerprint counts, the photo aside", () => {
  const { output } = recipe;
  const unpaid: Recipe = {
    ...recipe,
    clarificationAnswer: "Use your best judgment.",
    output: { ...output, variations: 1, leastShare: 0.1 },
  };
  expect(recipeHash(unpaid)).toBe(recipeHash(recipe));
  expect(recipeHash({ ...recipe, output: { ...output, variations: 2 } })).not.toBe(recipeHash(recipe));
  expect(recipeHash(recipe, ["p1", "p2"])).toBe(recipeHash(recipe, ["p2", "p1"]));
  expect(recipeHash(recipe, ["p1"])).not.toBe(recipeHash(recipe));
});

test("a fingerprint is SHA-256 in hex", () => {
  expect(fingerprint(source, recipe)).toMatch(/^[0-9a-f]{64}$/);
});
