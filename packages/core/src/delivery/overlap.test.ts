import { expect, test } from "vitest";
import { destinationsOverlap, isSameOrder, type BatchOrder } from "./overlap.ts";
import { resolveRecipe } from "../recipe/recipe.ts";

const ORDER: BatchOrder = {
  source: { kind: "prefix", url: "file:///photos/" },
  destination: { url: "file:///out/" },
  recipe: resolveRecipe({ preset: "skin-smoothing", mode: "max" }),
  lane: "each-sense",
};

test.each<[string, Partial<BatchOrder>, boolean]>([
  ["nothing", {}, true],
  ["limits that set nothing", { control: {} }, true],
  ["the source", { source: { kind: "prefix", url: "file:///others/" } }, false],
  ["the photos that are chosen", { source: { ...ORDER.source, kind: "prefix", include: ["*.jpg"] } }, false],
  ["the destination", { destination: { url: "file:///out/team/" } }, false],
  ["what may be replaced", { destination: { url: "file:///out/", overwrite: true } }, false],
  ["what a person allows when asked", { destination: { url: "file:///out/", overwrite: "other-recipe" } }, true],
  ["what a person keeps when asked", { destination: { url: "file:///out/", overwrite: false } }, true],
  ["the names of the results", { destination: { url: "file:///out/", template: "{id}.{ext}" } }, false],
  ["the recipe", { recipe: resolveRecipe({ preset: "skin-smoothing", mode: "eco" }) }, false],
  ["the account", { lane: "twin" }, false],
  ["the budget", { control: { maxCostUsd: 5 } }, true],
  ["the pilot", { control: { pilot: 5 } }, false],
])("an order that differs in %s is another one", (_, change, same) => {
  expect(isSameOrder(ORDER, { ...ORDER, ...change })).toBe(same);
  expect(isSameOrder({ ...ORDER, ...change }, ORDER)).toBe(same);
});

test.each([
  ["file:///out/", "file:///out/", true],
  ["file:///out/", "file:///out/team/", true],
  ["file:///out/team/", "file:///out/", true],
  ["file:///out/", "file:///out2/", false],
])("%s and %s", (one, other, overlap) => {
  expect(destinationsOverlap(one, other)).toBe(overlap);
});
