import { describe, expect, it } from "vitest";
import type { PortraitCounts } from "@darkroom/core";
import { observedRate, timeLeft, type ProgressSample } from "./time-left.ts";

/** A small seeded generator, so that every run uses the same numbers. */
function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
}

/**
 * Returns the end times of `total` portraits (s) with `slots` running at once. Each takes between 0.5 and 1.5 times
 * `seconds`.
 */
function run(total: number, slots: number, seconds: number, random: () => number): number[] {
  const free = Array.from({ length: slots }, () => 0);
  const ends: number[] = [];
  for (let portrait = 0; portrait < total; portrait += 1) {
    const slot = free.indexOf(Math.min(...free));
    const end = (free[slot] ?? 0) + seconds * (0.5 + random());
    free[slot] = end;
    ends.push(end);
  }
  return ends.sort((a, b) => a - b);
}

function at(ends: readonly number[], slots: number, second: number) {
  const settled = (when: number) => ends.filter((end) => end <= when).length;
  const samples: ProgressSample[] = [];
  for (let when = second - 5; when >= 0 && samples.length < 120; when -= 5) {
    samples.push({ atMs: when * 1_000, settled: settled(when) });
  }
  const now = settled(second);
  const running = Math.min(slots, ends.length - now);
  const counts = { total: ends.length, succeeded: now, running, pending: ends.length - now - running };
  const full = { queued: 0, retrying: 0, skipped: 0, failed: 0, cancelled: 0, ...counts } satisfies PortraitCounts;
  return { counts: full, samples };
}

describe("time left", () => {
  it("contains the real value in about nine of ten cases, and is no wider than the uncertainty", () => {
    let inside = 0;
    let cases = 0;
    const widths: number[] = [];
    for (let seed = 1; seed <= 40; seed += 1) {
      const slots = 5 + (seed % 4) * 5;
      const ends = run(400, slots, 20, dice(seed));
      const end = ends.at(-1) ?? 0;
      for (const share of [0.25, 0.5, 0.75]) {
        const { counts, samples } = at(ends, slots, end * share);
        const left = timeLeft(counts, samples, end * share * 1_000);
        if (left === undefined) continue;
        cases += 1;
        const really = end * (1 - share);
        if (really >= left.low && really <= left.high) inside += 1;
        widths.push((left.high - left.low) / left.likely);
      }
    }
    expect(cases).toBeGreaterThan(100);
    expect(inside / cases).toBeGreaterThan(0.85);
    expect(Math.max(...widths)).toBeLessThan(1.2);
  });

  it("is unknown before one turnover of the running portraits has been seen", () => {
    const ends = run(400, 20, 100, dice(7));
    const early = at(ends, 20, 70);
    expect(early.counts.succeeded).toBeGreaterThan(0);
    expect(early.counts.succeeded).toBeLessThan(20);
    expect(timeLeft(early.counts, early.samples, 70_000)).toBeUndefined();
    const later = at(ends, 20, 300);
    expect(timeLeft(later.counts, later.samples, 300_000)).toBeDefined();
  });

  it("ignores samples before a pause", () => {
    const samples = [
      { atMs: 995_000, settled: 1_020 },
      { atMs: 990_000, settled: 1_010 },
      { atMs: 985_000, settled: 1_000 },
      { atMs: 500_000, settled: 1_000 },
      { atMs: 495_000, settled: 0 },
    ];
    expect(observedRate(samples, 1_030, 5, 1_000_000)?.perSecond).toBeCloseTo(2, 5);
  });
});
