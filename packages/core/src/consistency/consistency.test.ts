import { readFile } from "node:fs/promises";
import * as fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { reviewReasons, teamConsistency } from "./consistency.ts";
import { MEASURE_NAMES, MEASURES, type MeasureName } from "./consistency-measures.ts";
import type { PictureStats } from "./picture-stats.ts";
import { TeamSummary } from "../report/team-summary.ts";

const MIDDLE: PictureStats = {
  exposureEv: -0.8,
  warmthEv: 0.9,
  tintEv: 0.1,
  contrast: 0.2,
  sharpness: -2,
  background: 0.5,
  headShare: 0.4,
};
const FIELDS = {
  exposure: "exposureEv",
  warmth: "warmthEv",
  tint: "tintEv",
  contrast: "contrast",
  sharpness: "sharpness",
  background: "background",
  headShare: "headShare",
} as const satisfies Record<MeasureName, keyof PictureStats>;

/** A portrait that is this many noticeable distances from the median. */
function offBy(distances: Partial<Record<MeasureName, number>>): PictureStats {
  const changed = Object.entries(distances).map(([name, distance]) => {
    const measure = name as MeasureName;
    return [FIELDS[measure], (MIDDLE[FIELDS[measure]] ?? 0) + distance * MEASURES[measure].noticeable] as const;
  });
  return { ...MIDDLE, ...Object.fromEntries(changed) };
}

function summaryOf(team: readonly PictureStats[]): TeamSummary {
  const summary = new TeamSummary();
  for (const stats of team) summary.add(stats);
  return summary;
}

const judge = (team: readonly PictureStats[]) => teamConsistency(summaryOf(team));
const anyStats = fc.record({
  exposureEv: fc.double({ min: -15, max: 4, noNaN: true }),
  warmthEv: fc.double({ min: -6, max: 6, noNaN: true }),
  tintEv: fc.double({ min: -3, max: 3, noNaN: true }),
  contrast: fc.double({ min: 0, max: 1, noNaN: true }),
  sharpness: fc.double({ min: -10, max: 4, noNaN: true }),
  background: fc.double({ min: 0, max: 1, noNaN: true }),
});
/** Below the threshold of every measure. */
const closeBy = fc
  .array(fc.double({ min: -0.25, max: 0.25, noNaN: true }), {
    minLength: MEASURE_NAMES.length,
    maxLength: MEASURE_NAMES.length,
  })
  .map((offs) => offBy(Object.fromEntries(MEASURE_NAMES.map((name, place) => [name, offs[place] ?? 0]))));

describe("the score", () => {
  it("does not depend on the order, nor on the team's division into parts", () => {
    fc.assert(
      fc.property(
        fc
          .array(anyStats, { minLength: 3, maxLength: 40 })
          .chain((team) =>
            fc.tuple(fc.constant(team), fc.shuffledSubarray(team, { minLength: team.length }), fc.nat(team.length)),
          ),
        ([team, shuffled, cut]) => {
          const whole = judge(team);
          const merged = summaryOf(shuffled.slice(0, cut));
          merged.merge(summaryOf(shuffled.slice(cut)));
          expect(whole?.score).toBeGreaterThanOrEqual(0);
          expect(whole?.score).toBeLessThanOrEqual(100);
          expect(judge(shuffled)).toEqual(whole);
          expect(teamConsistency(merged)).toEqual(whole);
        },
      ),
    );
  });

  it("is 100 for identical portraits, and none of them stands out", () => {
    fc.assert(
      fc.property(anyStats, fc.integer({ min: 3, max: 50 }), (stats, count) => {
        const team = judge(Array.from({ length: count }, () => stats));
        expect(team).toMatchObject({ score: 100, measured: count });
        expect(reviewReasons(team, stats)).toEqual([]);
      }),
    );
  });

  it("decreases with the distance between the portraits", () => {
    const scores = [0, 0.5, 1, 1.5, 2, 3].map((apart) => {
      const team = Array.from({ length: 20 }, (_, index) => offBy({ exposure: index % 2 === 0 ? -apart : apart }));
      return judge(team)?.score ?? -1;
    });
    expect(scores[0]).toBe(100);
    expect(scores.at(-1)).toBeLessThan(10);
    expect(scores.toSorted((a, b) => b - a)).toEqual(scores);
    expect(new Set(scores).size).toBeGreaterThan(3);
  });

  it("loses to one bad portrait at most that portrait's share", () => {
    const team = [...Array.from({ length: 19 }, () => MIDDLE), offBy({ exposure: -9 })];
    expect(judge(team)?.score).toBe(95);
  });

  it.each([0, 1, 2])("is missing for %i portraits", (count) => {
    expect(judge(Array.from({ length: count }, () => MIDDLE))).toBeNull();
    expect(reviewReasons(null, MIDDLE)).toEqual([]);
  });
});

describe("a portrait that stands out", () => {
  it("is reported with its measure, and its neighbours are not", () => {
    fc.assert(
      fc.property(
        fc.array(closeBy, { minLength: 4, maxLength: 40 }),
        fc.constantFrom(...MEASURE_NAMES),
        fc.constantFrom(-3, 3),
        (neighbours, measure, distance) => {
          const odd = offBy({ [measure]: distance });
          const team = judge([...neighbours, odd]);
          const start = MEASURES[measure].reason(distance, false).replace(/^[\d.]+ EV /, "");
          const [reason = "", ...others] = reviewReasons(team, odd);
          expect(reason.replace("much ", "").replace(/^[\d.]+ EV /, "")).toBe(start);
          expect(others).toEqual([]);
          for (const stats of neighbours) expect(reviewReasons(team, stats)).toEqual([]);
        },
      ),
    );
  });

  it("does not occur in a team with a wide spread", () => {
    const spread = Array.from({ length: 21 }, (_, index) => offBy({ warmth: (index - 10) / 4 }));
    const team = judge(spread);
    expect(spread.map((stats) => reviewReasons(team, stats)).flat()).toEqual([]);
    expect(team?.measures.find(({ measure }) => measure === "warmth")?.limit).toBeGreaterThan(
      MEASURES.warmth.noticeable,
    );
  });

  it.each<[Partial<Record<MeasureName, number>>, readonly string[]]>([
    [{ exposure: -1.5 }, ["0.9 EV darker than the team"]],
    [{ exposure: 3 }, ["1.8 EV brighter than the team"]],
    [{ warmth: -1.5 }, ["cooler white balance"]],
    [{ warmth: 2.5 }, ["much warmer white balance"]],
    [{ tint: -1.5 }, ["greener tint"]],
    [{ contrast: -1.5 }, ["lower contrast"]],
    [{ sharpness: -1.5 }, ["softer"]],
    [{ background: 2.2 }, ["background much brighter"]],
    [{ headShare: -1.5 }, ["smaller in the picture"]],
    [{ warmth: 1.5, exposure: -2 }, ["1.2 EV darker than the team", "warmer white balance"]],
    [{ exposure: -0.9, background: 0.9 }, []],
  ])("is explained: %j", (distances, reasons) => {
    const odd = offBy(distances);
    const team = judge([...Array.from({ length: 6 }, () => MIDDLE), odd]);
    expect(reviewReasons(team, odd)).toEqual(reasons);
  });

  it("is compared by its head only if most heads were found", () => {
    const { headShare: _, ...faceless } = MIDDLE;
    const few = judge([MIDDLE, MIDDLE, MIDDLE, ...Array.from({ length: 5 }, () => faceless)]);
    const most = judge([MIDDLE, MIDDLE, MIDDLE, MIDDLE, faceless]);
    expect(few?.measures.map(({ measure }) => measure)).not.toContain("headShare");
    expect(most?.measures.map(({ measure }) => measure)).toContain("headShare");
    expect(reviewReasons(most, faceless)).toEqual([]);
  });
});

test("a hundred thousand portraits take as much memory as three, and their median is accurate to a hundredth", () => {
  const summary = new TeamSummary();
  for (let index = 0; index < 100_000; index += 1) {
    summary.add({ ...MIDDLE, exposureEv: -1 + ((index * 7_919) % 100_000) / 50_000 });
  }
  expect(summary.measured).toBe(100_000);
  expect(summary.bars("exposure").length).toBeLessThanOrEqual(4_000);
  const exposure = teamConsistency(summary)?.measures[0];
  expect(exposure?.median).toBeCloseTo(0, 2);
  expect(exposure?.spread).toBeCloseTo(0.5 * 1.4826, 2);
});

test("the docs list every measure, in order, with its unit's distance and its weight", async () => {
  const doc = await readFile(new URL("../../../../docs/consistency.md", import.meta.url), "utf8");
  const rows = [...doc.matchAll(/^\| `(\w+)` \|.*\| ([\d.]+)(?: EV)? \| ([\d.]+) \|$/gm)];
  expect(rows.map(([, name, noticeable, weight]) => [name, Number(noticeable), Number(weight)])).toEqual(
    MEASURE_NAMES.map((name) => [name, MEASURES[name].noticeable, MEASURES[name].weight]),
  );
});
