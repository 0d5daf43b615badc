import { describe, expect, it } from "vitest";
import { resolveRecipe, type PortraitRow, type RecipeInput } from "@darkroom/core";
import { WorkCount } from "./quote-cost.ts";

const PRICES = { "each-sense": { eco: 0.1, max: 0.2 } };
const STEPS: RecipeInput = {
  mode: "eco",
  steps: [{ preset: "skin-smoothing" }, { prompt: "warmer" }, { preset: "lighting-adjustment" }],
};

function counted(recipe: RecipeInput, rows: readonly Partial<PortraitRow>[]): WorkCount {
  const work = new WorkCount(resolveRecipe(recipe));
  for (const [index, row] of rows.entries()) {
    work.add({ index, id: String(index), source: `${index}.jpg`, destination: `${index}.jpg`, ...row });
  }
  return work;
}

describe("the cost", () => {
  it("is one price per turn, and includes a row's own mode and steps", () => {
    const rows = [
      {},
      { mode: "max" },
      { mode: "max", prompt: "soft" },
      { preset: "skin-smoothing", intensity: "subtle" },
    ];
    expect(counted(STEPS, rows).cost(PRICES)).toEqual({
      usd: 1.2,
      message: null,
      parts: [
        { mode: "eco", portraits: 2, turns: 4, usd: 0.4 },
        { mode: "max", portraits: 2, turns: 4, usd: 0.8 },
      ],
    });
  });

  it("is the dearer provider's if there is a fallback, and unknown if one of them has no price", () => {
    const work = counted({ preset: "skin-smoothing", mode: "max" }, [{}, {}]);
    const prices = { ...PRICES, phota: { image: 0.15 } };
    expect(work.dearestCost(undefined, prices).usd).toBe(0.4);
    expect(work.dearestCost("phota", prices).usd).toBe(0.4);
    expect(work.dearestCost("phota", { ...prices, phota: { image: 0.25 } }).usd).toBe(0.5);
    expect(work.dearestCost("phota", PRICES)).toMatchObject({ usd: null, message: expect.stringContaining("phota") });
  });

  it("is unknown when one mode has no price, and reports the known part", () => {
    const cost = counted(STEPS, [{}, { mode: "max" }]).cost({ "each-sense": { eco: 0.1 } });
    expect(cost).toMatchObject({ usd: null, message: expect.stringMatching(/each-sense .* max: .*DARKROOM_PRICES/) });
    expect(cost.parts.map(({ usd }) => usd)).toEqual([0.3, null]);
  });

  it("of Phota is one price per picture in any mode; only the last step makes several", () => {
    const phota: RecipeInput = { ...STEPS, provider: "phota", output: { variations: 2 } };
    const rows = [{}, { mode: "max" }];
    expect(counted(phota, rows).cost({ phota: { image: 0.1 } })).toMatchObject({ usd: 0.8, message: null });
    expect(counted(phota, rows).cost({ phota: { image: 0.1, images: { "2": 0.15 } } }).usd).toBe(0.7);
    // A row's own prompt is its only step, and therefore its last step.
    expect(counted(phota, [...rows, { prompt: "soft" }]).cost({ phota: { image: 0.1 } }).usd).toBe(1);
    expect(counted(phota, rows).cost(PRICES)).toMatchObject({
      usd: null,
      message: "There is no price for phota: set DARKROOM_PRICES where the API runs.",
    });
  });

  it("is zero for no portraits, with or without prices", () => {
    expect(counted(STEPS, []).cost({})).toEqual({ usd: 0, message: null, parts: [] });
  });
});

describe("the time", () => {
  const one: RecipeInput = { mode: "eco", preset: "skin-smoothing" };
  const portraits = (count: number, row: Partial<PortraitRow> = {}) => Array.from({ length: count }, () => row);

  it.each([
    [1, one, { concurrency: 10 }, 5, 300],
    [10, one, { concurrency: 10 }, 5, 300],
    [11, one, { concurrency: 10 }, 10, 600],
    [1, STEPS, { concurrency: 10 }, 15, 900],
    [20, STEPS, { concurrency: 10 }, 30, 1_800],
    // 100 calls at 10 per minute: the last call starts 9 minutes 53 seconds after the first.
    [100, one, { concurrency: 100, ratePerMinute: 10 }, 598, 893],
    [60, one, { concurrency: 1, ratePerMinute: 60 }, 300, 18_000],
    [0, one, { concurrency: 10, ratePerMinute: 10 }, 0, 0],
  ])("of %i portraits respects the lane's limits", (count, recipe, limits, minSeconds, maxSeconds) => {
    expect(counted(recipe, portraits(count)).time(limits)).toEqual({
      minSeconds,
      maxSeconds,
      message: null,
      concurrency: limits.concurrency,
      ratePerMinute: "ratePerMinute" in limits ? limits.ratePerMinute : null,
    });
  });

  it("does not depend on the mode", () => {
    const work = counted(one, [...portraits(5), ...portraits(5, { mode: "max" })]);
    expect(work.time({ concurrency: 10 })).toMatchObject({ minSeconds: 5, maxSeconds: 300 });
  });

  it("is unknown for a provider that states no durations", () => {
    const time = counted({ ...one, provider: "phota" }, portraits(1)).time({ concurrency: 1 });
    expect(time).toMatchObject({ minSeconds: null, maxSeconds: null, message: expect.stringContaining("phota") });
  });
});
