import { MEASURE_NAMES, MEASURES, valueIn, type MeasureName } from "../consistency/consistency-measures.ts";
import type { PictureStats } from "../consistency/picture-stats.ts";

/** Bins of each measure. The smallest visible difference spans dozens of bins. */
const BINS = 4_000;

/** One value of a measure, and the number of portraits with it. */
interface Bar {
  readonly value: number;
  readonly count: number;
}

/**
 * A histogram of each measure over a team's portraits. Its size does not depend on the number of portraits. Independent
 * of the order, and mergeable.
 */
export class TeamSummary {
  readonly #bins = new Map<MeasureName, Float64Array>(MEASURE_NAMES.map((name) => [name, new Float64Array(BINS)]));
  #measured = 0;

  /** Number of portraits added. */
  get measured(): number {
    return this.#measured;
  }

  add(stats: PictureStats): void {
    this.#measured += 1;
    for (const [name, bins] of this.#bins) {
      const { least, most } = MEASURES[name];
      const value = valueIn(name, stats);
      if (value === undefined) continue;
      const bin = Math.min(BINS - 1, Math.floor(((value - least) / (most - least)) * BINS));
      bins[bin] = (bins[bin] ?? 0) + 1;
    }
  }

  /** Merges another summary. */
  merge(other: TeamSummary): void {
    this.#measured += other.#measured;
    for (const [name, bins] of this.#bins) {
      other.#bins.get(name)?.forEach((count, bin) => (bins[bin] = (bins[bin] ?? 0) + count));
    }
  }

  /** Returns the values of a measure in ascending order, each as the middle of its bin. */
  bars(name: MeasureName): readonly Bar[] {
    const { least, most } = MEASURES[name];
    const bars: Bar[] = [];
    this.#bins.get(name)?.forEach((count, bin) => {
      if (count > 0) bars.push({ value: least + ((bin + 0.5) * (most - least)) / BINS, count });
    });
    return bars;
  }
}

/** Returns the median of ascending values; for an even number, halfway between the middle two. */
export function medianOf(bars: readonly Bar[]): number {
  const total = countOf(bars);
  return (valueAt(bars, Math.floor((total - 1) / 2)) + valueAt(bars, Math.floor(total / 2))) / 2;
}

/** Returns the median of the distances from the median. */
export function medianDistance(bars: readonly Bar[], middle: number): number {
  const distances = bars.map(({ value, count }) => ({ value: Math.abs(value - middle), count }));
  return medianOf(distances.sort((a, b) => a.value - b.value));
}

export function countOf(bars: readonly Bar[]): number {
  return bars.reduce((sum, { count }) => sum + count, 0);
}

function valueAt(bars: readonly Bar[], rank: number): number {
  let seen = 0;
  for (const { value, count } of bars) {
    seen += count;
    if (seen > rank) return value;
  }
  return bars.at(-1)?.value ?? 0;
}
