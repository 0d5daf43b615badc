import type { PictureStats } from "./picture-stats.ts";

/** The measures by which a team's portraits are compared, as named in `consistency.json`. */
export const MEASURE_NAMES = [
  "exposure",
  "warmth",
  "tint",
  "contrast",
  "sharpness",
  "background",
  "headShare",
] as const;

export type MeasureName = (typeof MEASURE_NAMES)[number];

export interface Measure {
  readonly unit: "EV" | "log2" | "share";
  /** Values are clamped to this range. */
  readonly least: number;
  readonly most: number;
  /** Difference at which a viewer notices it between two portraits side by side. */
  readonly noticeable: number;
  /** Share of the score that a completely inconsistent team loses in this measure, 0 to 1. */
  readonly weight: number;
  readonly of: (stats: PictureStats) => number | undefined;
  /** Why a portrait stands out: by `difference` above (+) or below (-) the team's median. */
  readonly reason: (difference: number, isLarge: boolean) => string;
}

/** Returns a portrait's clamped value in a measure; undefined without a value. */
export function valueIn(name: MeasureName, stats: PictureStats): number | undefined {
  const { of, least, most } = MEASURES[name];
  const value = of(stats);
  return value === undefined || Number.isNaN(value) ? undefined : Math.min(most, Math.max(least, value));
}

const words =
  (below: string, above: string, before = "", after = "") =>
  (difference: number, isLarge: boolean): string =>
    [before, isLarge ? "much" : "", difference < 0 ? below : above, after].filter((word) => word !== "").join(" ");

/** All measures. The distances apply to prints and pages viewed normally, not to test charts. */
export const MEASURES: Readonly<Record<MeasureName, Measure>> = {
  exposure: {
    unit: "EV",
    least: -13,
    most: 3,
    noticeable: 0.6,
    weight: 1,
    of: ({ exposureEv }) => exposureEv,
    reason: (difference) =>
      `${Math.abs(difference).toFixed(1)} EV ${difference < 0 ? "darker" : "brighter"} than the team`,
  },
  warmth: {
    unit: "EV",
    least: -6,
    most: 6,
    noticeable: 0.6,
    weight: 0.8,
    of: ({ warmthEv }) => warmthEv,
    reason: words("cooler", "warmer", "", "white balance"),
  },
  tint: {
    unit: "EV",
    least: -3,
    most: 3,
    noticeable: 0.3,
    weight: 0.6,
    of: ({ tintEv }) => tintEv,
    reason: words("greener", "more magenta", "", "tint"),
  },
  contrast: {
    unit: "share",
    least: 0,
    most: 1,
    noticeable: 0.1,
    weight: 0.5,
    of: ({ contrast }) => contrast,
    reason: words("lower", "higher", "", "contrast"),
  },
  sharpness: {
    unit: "log2",
    least: -10,
    most: 4,
    noticeable: 1,
    weight: 0.5,
    of: ({ sharpness }) => sharpness,
    reason: words("softer", "sharper"),
  },
  background: {
    unit: "share",
    least: 0,
    most: 1,
    noticeable: 0.2,
    weight: 0.8,
    of: ({ background }) => background,
    reason: words("darker", "brighter", "background"),
  },
  headShare: {
    unit: "share",
    least: 0,
    most: 1,
    noticeable: 0.12,
    weight: 0.6,
    of: ({ headShare }) => headShare,
    reason: words("smaller", "larger", "", "in the picture"),
  },
};
