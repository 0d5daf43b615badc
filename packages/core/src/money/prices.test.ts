import { describe, expect, it } from "vitest";
import { readPriceTable, type PriceTable } from "./price-table.ts";
import { possibleKinds, PRICE_KINDS, type KnownRows, type PriceKind } from "./price-kind.ts";
import { callPriceUsd, highestPortraitPriceUsd, portraitPriceUsd, whyDearest, stepPricesUsd } from "./prices.ts";
import { type PricedRecipe } from "./price-kind.ts";
import { resolveRecipe, type RecipeInput } from "../recipe/recipe.ts";

const TABLE: PriceTable = {
  "each-sense": { max: 0.2, eco: 0.05 },
  phota: { image: 0.1, images: { "2": 0.18, "4": 0.3 } },
};
const recipe = (change: Partial<RecipeInput> = {}) =>
  resolveRecipe({
    mode: "eco",
    steps: [{ prompt: "softer" }, { prompt: "warmer" }, { prompt: "brighter" }],
    ...change,
  });
const phota = (variations?: number) =>
  recipe({ provider: "phota", output: variations === undefined ? {} : { variations } });

describe("the price of a call", () => {
  it("of each::sense is its mode's, for any number of pictures", () => {
    expect(callPriceUsd(recipe(), 0, TABLE)).toBe(0.05);
    expect(callPriceUsd(recipe({ mode: "max", output: { variations: 4 } }), 2, TABLE)).toBe(0.2);
  });

  it.each([
    [undefined, 0.1],
    [1, 0.1],
    [2, 0.18],
    [3, 0.3],
    [4, 0.3],
  ])("of Phota for %s pictures is %d: a multiple of one picture's price, or that number's own", (variations, usd) => {
    expect(callPriceUsd(phota(variations), 2, TABLE)).toBe(usd);
  });

  it("of Phota is that of one picture before the last step, because only the last step orders variations", () => {
    expect(stepPricesUsd(phota(4), TABLE)).toEqual([0.1, 0.1, 0.3]);
    expect(stepPricesUsd(phota(2), { phota: { image: 0.1, images: { "1": 0.11 } } })).toEqual([0.11, 0.11, 0.2]);
  });

  it("is unknown if the table does not contain it", () => {
    expect(callPriceUsd(recipe({ mode: "max" }), 0, { "each-sense": { eco: 0.05 } })).toBeUndefined();
    expect(callPriceUsd(phota(3), 2, { phota: { images: { "2": 0.18 } } })).toBeUndefined();
    expect(callPriceUsd(phota(), 0, { "each-sense": { eco: 0.05 } })).toBeUndefined();
  });
});

describe("the price of a portrait", () => {
  it("is a call per step, in whole micro-USD", () => {
    expect(portraitPriceUsd(recipe(), { "each-sense": { eco: 0.1 } })).toBe(0.3);
    expect(portraitPriceUsd(phota(2), TABLE)).toBe(0.38);
  });

  it("is unknown if one of its steps has no price", () => {
    expect(portraitPriceUsd(phota(2), { phota: { images: { "2": 0.18 } } })).toBeUndefined();
    expect(portraitPriceUsd(phota(2), { phota: { images: { "1": 0.1 } } })).toBeUndefined();
  });

  it("in the dearest mode that a row may choose is the maximum for a portrait", () => {
    expect(highestPortraitPriceUsd(recipe(), TABLE, PRICE_KINDS)).toBe(0.6);
    expect(highestPortraitPriceUsd(phota(4), TABLE, PRICE_KINDS)).toBe(0.5);
    expect(highestPortraitPriceUsd(recipe(), {}, ["/steps"])).toBeUndefined();
  });

  it("is unknown if a possible mode has none: the recipe's, and all if rows may choose", () => {
    const ecoAlone = { "each-sense": { eco: 0.05 } };
    expect(highestPortraitPriceUsd(recipe({ mode: "max" }), ecoAlone, ["/steps"])).toBeUndefined();
    expect(highestPortraitPriceUsd(recipe({ mode: "eco" }), ecoAlone, ["/steps"])).toBe(0.15);
    expect(highestPortraitPriceUsd(recipe({ mode: "eco" }), ecoAlone, PRICE_KINDS)).toBeUndefined();
  });
});

const MANIFEST = { kind: "manifest" } as const;
const rowsOf = (total: number, kinds: Partial<Record<PriceKind, number>> = {}): KnownRows => ({
  source: MANIFEST,
  read: { total, kinds },
});

describe("the maximum cost of a portrait with an eco recipe of three steps", () => {
  it.each<readonly [string, KnownRows, number]>([
    ["a folder's rows ask for nothing", { source: { kind: "prefix" } }, 0.15],
    ["a manifest's may ask for anything until it is read", { source: MANIFEST }, 0.6],
    ["rows that ask for nothing", rowsOf(5_000), 0.15],
    ["one row of many asks for max", rowsOf(5_000, { "max/steps": 1 }), 0.6],
    ["rows in max have a prompt of their own", rowsOf(5_000, { "max/one": 2 }), 0.2],
    ["each row has a prompt of its own", rowsOf(3, { "/one": 3 }), 0.05],
    ["a rejected row counts as one that asks for nothing", rowsOf(4, { "/one": 3 }), 0.15],
    ["a manifest without rows", rowsOf(0), 0.15],
  ])("%s", (_, rows, usd) => {
    expect(highestPortraitPriceUsd(recipe(), TABLE, possibleKinds(rows))).toBe(usd);
  });
});

describe("why a budget reserves more than the recipe costs", () => {
  const one = (mode: "eco" | "max") => recipe({ mode, steps: [{ prompt: "softer" }] });
  it.each<readonly [string, PricedRecipe, number, KnownRows, string]>([
    [
      "a row may ask for a dearer mode",
      one("eco"),
      0.2,
      { source: MANIFEST },
      ", because a row may ask for the mode max",
    ],
    ["a row asks for it", one("eco"), 0.2, rowsOf(9, { "max/steps": 1 }), ", because a row asks for the mode max"],
    ["it is what the recipe costs", one("max"), 0.2, { source: MANIFEST }, ""],
    ["a fallback's provider is the reason", one("eco"), 0.3, { source: MANIFEST }, ""],
  ])("%s", (_, priced, reserveUsd, rows, words) => {
    expect(whyDearest(priced, TABLE, reserveUsd, rows)).toBe(words);
  });
});

describe("a price table", () => {
  it("is read as written", () => {
    expect(readPriceTable(JSON.stringify(TABLE))).toEqual({ table: TABLE });
  });

  it("reports everything that is wrong with it", () => {
    expect(readPriceTable('{"each-sense":{"eco":-1,"turbo":1},"phota":{"images":{"9":1}}}')).toEqual({
      problem: expect.stringMatching(
        /each-sense\.eco must be a number.*each-sense does not support turbo.*phota\.images does not support 9/,
      ),
    });
  });
});
