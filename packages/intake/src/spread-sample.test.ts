import { expect, test } from "vitest";
import { SpreadSample } from "./spread-sample.ts";

test.each([0, 1, 49, 50, 51, 99, 100, 101, 199, 12_345, 1_000_000])(
  "of %i items is spread over all of them",
  (count) => {
    const sample = new SpreadSample<number>(50);
    for (let i = 0; i < count; i++) sample.add(i);
    const items = sample.items();
    expect(items).toHaveLength(Math.min(count, 50));
    expect(items).toEqual([...new Set(items)].sort((a, b) => a - b));
    const gaps = [...items.slice(1), count].map((item, i) => item - (items[i] ?? 0));
    expect(items[0] ?? 0).toBe(0);
    expect(Math.max(0, ...gaps)).toBeLessThanOrEqual(Math.ceil(count / 50) * 2);
  },
);
