import { MEASURE_NAMES, MEASURES, valueIn, type MeasureName, type Measure } from "./consistency-measures.ts";
import type { PictureStats } from "./picture-stats.ts";
import { countOf, medianDistance, medianOf, type TeamSummary } from "../report/team-summary.ts";

/** Fewer portraits are no team. */
const FEWEST_PORTRAITS = 3;
/** A portrait stands out that is further from the middle than this many spreads (the usual bound for outliers). */
const SPREADS = 3;
/** Makes a median distance comparable to a standard deviation, for values that are spread normally. */
const NORMAL = 1.4826;
/** As a share of the noticeable distance: nearer than this costs nothing, and further than that no more. */
const FREE_SHARE = 1 / 3;
const WHOLE_SHARE = 2;
/** A difference is called large from this many limits on. */
const LARGE = 2;

/** How a team agrees in one measure. */
export interface MeasureConsistency {
  readonly measure: MeasureName;
  readonly unit: Measure["unit"];
  /** 0 to 100, of this measure alone. */
  readonly score: number;
  readonly median: number;
  /** Median distance from the median, as a standard deviation. */
  readonly spread: number;
  /** A portrait stands out that is further from the median. */
  readonly limit: number;
}

/** How much alike the portraits of a batch are. */
export interface TeamConsistency {
  /** 0 to 100, where 100 is a team of which no two portraits differ visibly. */
  readonly score: number;
  /** Portraits that were compared. */
  readonly measured: number;
  readonly measures: readonly MeasureConsistency[];
}

/** What the status of an ended batch says of it. */
export interface BatchConsistency extends Pick<TeamConsistency, "score" | "measured"> {
  /** Portraits that stand out. */
  readonly review: number;
}

/**
 * Judges a team. The score starts at 100, and each measure takes its share off: nothing for portraits near the middle,
 * all of the measure's weight for those far away. Null for fewer than {@link FEWEST_PORTRAITS}.
 */
export function teamConsistency(summary: TeamSummary): TeamConsistency | null {
  const { measured } = summary;
  if (measured < FEWEST_PORTRAITS) return null;
  let share = 1;
  const measures: MeasureConsistency[] = [];
  for (const name of MEASURE_NAMES) {
    const bars = summary.bars(name);
    // Where only some could be measured, the middle of those says little of the team.
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

/** Why a portrait stands out from its team, in words, the plainest difference first; empty when it does not. */
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
