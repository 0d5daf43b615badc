import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hash64, KeySet } from "./key-set.ts";

describe("KeySet", () => {
  it("behaves like a Set of strings", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 4 }), { maxLength: 400 }), (keys) => {
        const plain = new Set<string>();
        const set = new KeySet();
        for (const key of keys) {
          expect(set.has(key)).toBe(plain.has(key));
          expect(set.add(key)).toBe(!plain.has(key));
          plain.add(key);
        }
        expect(set.size).toBe(plain.size);
        for (const key of plain) expect(set.has(key)).toBe(true);
      }),
    );
  });

  it("keeps 300,000 similar keys apart while it grows", () => {
    const set = new KeySet();
    let taken = 0;
    for (let i = 0; i < 300_000; i += 1) if (set.add(`team/2026/person-${i}.jpg`)) taken += 1;
    expect(taken).toBe(300_000);
    expect(set.size).toBe(300_000);
    expect(set.has("team/2026/person-299999.jpg")).toBe(true);
    expect(set.has("team/2026/person-300000.jpg")).toBe(false);
  });
});

describe("hash64", () => {
  it("has as few collisions in each half as expected by chance", () => {
    const count = 200_000;
    const highs = new Set<number>();
    const lows = new Set<number>();
    for (let i = 0; i < count; i += 1) {
      const [high, low] = hash64(`p-${i}`);
      highs.add(high);
      lows.add(low);
    }
    // Expected by chance: n² / 2³³ ≈ 5 repetitions.
    expect(count - highs.size).toBeLessThan(30);
    expect(count - lows.size).toBeLessThan(30);
  });

  it("has independent halves: one bit of the key changes about half of the bits", () => {
    let moved = 0;
    const rounds = 2_000;
    for (let i = 0; i < rounds; i += 1) {
      const [highA, lowA] = hash64(`photo-${i * 2}.jpg`);
      const [highB, lowB] = hash64(`photo-${i * 2 + 1}.jpg`);
      moved += bits(highA ^ highB) + bits(lowA ^ lowB);
    }
    expect(moved / rounds).toBeGreaterThan(30);
    expect(moved / rounds).toBeLessThan(34);
  });
});

function bits(value: number): number {
  return (value >>> 0).toString(2).replaceAll("0", "").length;
}
