import fc from "fast-check";
import { expect, test } from "vitest";
import { MemoryBudget } from "./index.ts";

/** Creates work that starts and ends on request. */
function piece() {
  const ended = Promise.withResolvers<void>();
  const state = { begun: false };
  const work = async (): Promise<void> => {
    state.begun = true;
    await ended.promise;
  };
  return { state, work, end: ended.resolve, fail: ended.reject };
}

/** Lets all pending promises settle. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

test("runs no more work at once than the budget holds, whatever the sizes", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 150 }), { maxLength: 30 }), async (sizes) => {
      const budget = new MemoryBudget(100);
      const running = new Set<number>();
      let done = 0;
      const run = async (size: number, nth: number): Promise<void> => {
        running.add(nth);
        const held = [...running].map((each) => Math.min(sizes[each] ?? 0, 100));
        expect(held.reduce((sum, bytes) => sum + bytes, 0)).toBeLessThanOrEqual(100);
        await settled();
        running.delete(nth);
        done += 1;
      };
      await Promise.all(sizes.map((size, nth) => budget.use(size, () => run(size, nth))));
      expect(done).toBe(sizes.length);
      expect(budget.usedBytes).toBe(0);
    }),
    { numRuns: 50 },
  );
});

test("does not let later small pieces overtake a large one", async () => {
  const budget = new MemoryBudget(100);
  const [first, large, small] = [piece(), piece(), piece()];
  const all = [budget.use(60, first.work), budget.use(80, large.work), budget.use(10, small.work)];
  await settled();
  expect([first.state.begun, large.state.begun, small.state.begun]).toEqual([true, false, false]);
  first.end();
  await settled();
  expect([large.state.begun, small.state.begun]).toEqual([true, true]);
  large.end();
  small.end();
  await Promise.all(all);
});

test("runs a piece larger than the budget alone", async () => {
  const budget = new MemoryBudget(100);
  const [giant, next] = [piece(), piece()];
  const all = [budget.use(5_000, giant.work), budget.use(1, next.work)];
  await settled();
  expect([giant.state.begun, next.state.begun]).toEqual([true, false]);
  giant.end();
  await settled();
  expect(next.state.begun).toBe(true);
  next.end();
  await Promise.all(all);
});

test("releases the memory of work that fails", async () => {
  const budget = new MemoryBudget(100);
  await expect(budget.use(100, () => Promise.reject(new Error("broken")))).rejects.toThrow("broken");
  expect(budget.usedBytes).toBe(0);
  expect(await budget.use(100, () => Promise.resolve("next"))).toBe("next");
});

test("removes aborted work from the queue, and the work behind it moves up", async () => {
  const budget = new MemoryBudget(100);
  const [first, stopped, behind] = [piece(), piece(), piece()];
  const stop = new AbortController();
  const running = budget.use(50, first.work);
  const waiting = budget.use(90, stopped.work, stop.signal);
  const last = budget.use(40, behind.work);
  await settled();
  expect(behind.state.begun).toBe(false);
  stop.abort(new Error("stopped"));
  await expect(waiting).rejects.toThrow("stopped");
  await settled();
  expect([stopped.state.begun, behind.state.begun]).toEqual([false, true]);
  await expect(budget.use(1, stopped.work, stop.signal)).rejects.toThrow("stopped");
  first.end();
  behind.end();
  await Promise.all([running, last]);
  expect(budget.usedBytes).toBe(0);
});
