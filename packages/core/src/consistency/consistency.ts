import { MEASURE_NAMES, MEASURES, valueIn, type MeasureName, type Measure } from "./consistency-measures.ts";
import type { PictureStats } from "./picture-stats.ts";
import { countOf, medianDistance, medianOf, type TeamSummary } from "../report/team-summary.ts";

/** Minimum number of portraits that count as a team. */
const FEWEST_PORTRAITS = 3;
/**
 * A portrait stands out if its distance from the median exceeds this number of spreads (the usual bound for outliers).
 */
const SPREADS = 3;
/** Scales a median distance to a standard deviation, for normally distributed values. */
const NORMAL = 1.4826;
/** Shares of the noticeable distance: below the first, a distance deducts nothing; above the second, the maximum. */
const FREE_SHARE = 1 / 3;
const WHOLE_SHARE = 2;
/** Multiple of the limit from which a difference is called large. */
const LARGE = 2;

/** A team's consistency in one measure. */
export interface MeasureConsistency {
  readonly measure: MeasureName;
  readonly unit: Measure["unit"];
  /** 0 to 100, for this measure alone. */
  readonly score: number;
  readonly median: number;
  /** Median distance from the median, scaled to a standard deviation. */
  readonly spread: number;
  /** A portrait further from the median than this stands out. */
  readonly limit: number;
}

/** The consistency of a batch's portraits. */
export interface TeamConsistency {
  /** 0 to 100. At 100, no two portraits of the team differ visibly. */
  readonly score: number;
  /** Number of compared portraits. */
  readonly measured: number;
  readonly measures: readonly MeasureConsistency[];
}

/** The consistency as shown in the status of an ended batch. */
export interface BatchConsistency extends Pick<TeamConsistency, "score" | "measured"> {
  /** Number of portraits that stand out. */
  readonly review: number;
}

/**
 * Rates a team. The score starts at 100, and each measure deducts up to its weight, depending on how many portraits are
 * far from the median. Returns null for fewer than {@link FEWEST_PORTRAITS}.
 */
export function teamConsistency(summary: TeamSummary): TeamConsistency | null {
  const { measured } = summary;
  if (measured < FEWEST_PORTRAITS) return null;
  let share = 1;
  const measures: MeasureConsistency[] = [];
  for (const name of MEASURE_NAMES) {
    const bars = summary.bars(name);
    // The median of only a few measured portraits would not represent the team.
    if (countOf(bars) < Math.max(FEWEST_PORTRAITS, measured / 2)) continue;
    const { unit, noticeable, weight } = MEASURES[name];
    const median = medianOf(bars);
    const spread = NORMAL * medianDistance(bars, median);
    const lost = bars.reduce((sum, { value, count }) => sum + count * lossOf(Math.abs(value - median), noticeable), 0);
    const loss = lost / countOf(bars);
    share *= 1 - weight * loss;
    measures.push({
      measure: name,
      unit,
      score: Math.round(100 * (1 - loss)),
      median: rounded(median),
      spread: rounded(spread),
      limit: rounded(Math.max(noticeable, SPREADS * spread)),
    });
  }
  return { score: Math.round(100 * share), measured, measures };
}

/**
 * Explains why a portrait stands out from its team, largest difference first. Empty if the portrait does not stand out.
 */
export function reviewReasons(team: TeamConsistency | null, stats: PictureStats | undefined): readonly string[] {
  if (team === null || stats === undefined) return [];
  return team.measures
    .flatMap(({ measure, median, limit }) => {
      const value = valueIn(measure, stats);
      if (value === undefined || Math.abs(value - median) <= limit) return [];
      const far = Math.abs(value - median) / limit;
      return [{ far, reason: MEASURES[measure].reason(value - median, far >= LARGE) }];
    })
    .sort((a, b) => b.far - a.far)
    .map(({ reason }) => reason);
}

function lossOf(distance: number, noticeable: number): number {
  const share = (distance / noticeable - FREE_SHARE) / (WHOLE_SHARE - FREE_SHARE);
  return Math.min(1, Math.max(0, share));
}

function rounded(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
