import { expect, test } from "vitest";
import { planBlows } from "./blow-plan.ts";
import { LONG_FORM, SHORT_FORM } from "./forms.ts";
import { seededRandom } from "./random.ts";

test("the same seed plans the same blows, and another seed different ones", () => {
  const plan = (seed: string) => planBlows(seed, LONG_FORM.violence, 600_000);
  expect(plan("a")).toEqual(plan("a"));
  expect(plan("a")).not.toEqual(plan("b"));
});

test("a longer run begins with the blows of a shorter one", () => {
  const short = planBlows("a", LONG_FORM.violence, 60_000);
  expect(planBlows("a", LONG_FORM.violence, 600_000).slice(0, short.length)).toEqual(short);
});

test("every short run has every kind of blow, sorted by time, and strikes Redis with one at a time", () => {
  for (let seed = 0; seed < 100; seed += 1) {
    const blows = planBlows(String(seed), SHORT_FORM.violence, SHORT_FORM.blowsForMs);
    const times = blows.map(({ atMs }) => atMs);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    const kinds = new Set(blows.map(({ kind }) => kind));
    for (const kind of ["kill-worker", "kill-producer", "freeze-worker", "freeze-producer", "storm-store"] as const)
      expect(kinds).toContain(kind);
    let freeAtMs = 0;
    for (const blow of blows) {
      if (blow.kind !== "kill-redis" && blow.kind !== "freeze-redis") continue;
      expect(blow.atMs).toBeGreaterThanOrEqual(freeAtMs);
      freeAtMs = blow.atMs + blow.lastsMs;
    }
    expect(freeAtMs).toBeGreaterThan(0);
  }
});

test("random numbers fill their range evenly", () => {
  const random = seededRandom("even");
  const counts = Array.from({ length: 10 }, () => 0);
  for (let draw = 0; draw < 10_000; draw += 1) {
    const place = Math.floor(random() * 10);
    counts[place] = (counts[place] ?? 0) + 1;
  }
  for (const count of counts) expect(Math.abs(count - 1_000)).toBeLessThan(150);
});
