import { settledCount, type PortraitCounts, type TimeLeft } from "@darkroom/core";

/** Number of settled portraits at a time. */
export interface ProgressSample {
  /** Epoch ms. */
  readonly atMs: number;
  readonly settled: number;
}

/** Gap between two samples that indicates a pause (a paused batch, a closed run window, no producer). */
const REST_MS = 20_000;
/** Minimum time span for an estimate. */
const LEAST_SECONDS = 10;
const LEAST_SETTLED = 5;
/** Number of ended portraits needed for an estimate, unless fewer are running: one turnover. */
const MOST_ASKED_FOR = 30;
/** The range contains the true value in nine of ten cases, if the rate stays the same. */
const NINE_IN_TEN = 1.645;
/** A rate with a larger relative error is not reported. */
const WORST_RELATIVE_ERROR = 0.5;

interface Rate {
  readonly perSecond: number;
  /** Standard error as a share of the rate. */
  readonly relativeError: number;
  /** How much burstier portraits end than by chance alone; at least 1. */
  readonly dispersion: number;
}

/**
 * Returns the rate at which portraits end, from the latest sequence of samples without a pause.
 *
 * @param samples newest first
 * @param running number of running portraits; the samples must cover one turnover of them
 */
export function observedRate(
  samples: readonly ProgressSample[],
  settled: number,
  running: number,
  nowMs: number,
): Rate | undefined {
  const stretch: ProgressSample[] = [{ atMs: nowMs, settled }];
  for (const sample of samples) {
    const newer = stretch.at(-1);
    if (newer === undefined || newer.atMs - sample.atMs > REST_MS || sample.settled > newer.settled) break;
    stretch.push(sample);
  }
  const first = stretch.at(-1);
  if (first === undefined) return undefined;
  const seconds = (nowMs - first.atMs) / 1_000;
  const ended = settled - first.settled;
  if (seconds < LEAST_SECONDS || ended < Math.max(LEAST_SETTLED, Math.min(MOST_ASKED_FOR, running))) return undefined;
  const perSecond = ended / seconds;
  const steps = stretch.slice(1).map((older, place) => {
    const newer = stretch[place] ?? older;
    const expected = (perSecond * (newer.atMs - older.atMs)) / 1_000;
    return { expected, ended: newer.settled - older.settled };
  });
  const counted = steps.filter(({ expected }) => expected > 0);
  const spread = counted.reduce((sum, step) => sum + (step.ended - step.expected) ** 2 / step.expected, 0);
  const dispersion = counted.length < 3 ? 1 : Math.max(1, spread / (counted.length - 1));
  return { perSecond, dispersion, relativeError: Math.sqrt(dispersion / ended) };
}

/**
 * Returns the remaining time at the observed rate, as a range; undefined while there is too little data. By Little's
 * law the rate also applies to running portraits, so the last ones need no special rule.
 */
export function timeLeft(
  counts: PortraitCounts,
  samples: readonly ProgressSample[],
  nowMs: number,
): TimeLeft | undefined {
  const settled = settledCount(counts);
  const rate = observedRate(samples, settled, counts.running, nowMs);
  if (rate === undefined || rate.relativeError > WORST_RELATIVE_ERROR) return undefined;
  const left = counts.total - settled;
  const likely = left / rate.perSecond;
  // Two uncertainties: the rate, and bursts among the remaining portraits.
  const doubt = NINE_IN_TEN * Math.sqrt(rate.relativeError ** 2 + rate.dispersion / Math.max(1, left));
  return {
    low: Math.floor(likely / (1 + doubt)),
    likely: Math.ceil(likely),
    high: Math.ceil(likely * (1 + doubt)),
  };
}
