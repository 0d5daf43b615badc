import { expect, test } from "vitest";
import { VirtualClock } from "./virtual-clock.ts";

test("runs events in order of time, and in order of scheduling at the same time", async () => {
  const clock = new VirtualClock();
  const seen: string[] = [];
  for (const [atMs, name] of [
    [30, "d"],
    [10, "a"],
    [20, "b"],
    [20, "c"],
  ] as const) {
    clock.at(atMs, () => seen.push(`${name}@${clock.nowMs}`));
  }
  await clock.run(25);
  expect(seen).toEqual(["a@10", "b@20", "c@20"]);
  expect(clock.nowMs).toBe(25);
  await clock.run(100);
  expect(seen.at(-1)).toBe("d@30");
});

test("keeps a thousand times in order", async () => {
  const clock = new VirtualClock();
  const seen: number[] = [];
  for (let place = 0; place < 1_000; place += 1) clock.at((place * 7_919) % 1_009, () => seen.push(clock.nowMs));
  await clock.run(2_000);
  expect(seen).toHaveLength(1_000);
  expect(seen).toEqual(seen.toSorted((a, b) => a - b));
});

test("lets awaiting code continue at its virtual time, before any later event", async () => {
  const clock = new VirtualClock();
  const seen: string[] = [];
  const walk = async (): Promise<void> => {
    for (let step = 1; step <= 3; step += 1) {
      await clock.sleep(10);
      // Several turns of the microtask queue, like real code.
      await Promise.resolve().then(() => Promise.resolve());
      seen.push(`step ${step} at ${clock.nowMs}`);
    }
  };
  void walk();
  clock.at(10.5, () => seen.push("between"));
  await clock.run(1_000);
  expect(seen).toEqual(["step 1 at 10", "between", "step 2 at 20", "step 3 at 30"]);
});

test("skips an hour at once", async () => {
  const clock = new VirtualClock();
  let woken = false;
  void clock.sleep(3_600_000).then(() => (woken = true));
  const startedAt = performance.now();
  await clock.run(3_600_000);
  expect(woken).toBe(true);
  expect(performance.now() - startedAt).toBeLessThan(5_000);
});
