import fc from "fast-check";
import { expect, test } from "vitest";
import { panned, transformOf, WHOLE, zoomed } from "./view.ts";

test("zooming keeps the point under the pointer, and ends at the whole picture", () => {
  const at = { x: 0.25, y: 0.75 };
  const near = zoomed(WHOLE, 2, at);
  // The point at a quarter of the box is at a quarter of the picture, before and after.
  expect(near.x + (at.x - 0.5) / near.scale).toBeCloseTo(0.25);
  expect(near.y + (at.y - 0.5) / near.scale).toBeCloseTo(0.75);
  expect(zoomed(near, 0.5, at)).toEqual(WHOLE);
  expect(zoomed(WHOLE, 1_000).scale).toBe(12);
  expect(zoomed(WHOLE, 0.1)).toEqual(WHOLE);
});

test("no movement shows anything outside the picture", () => {
  const step = fc.record({ factor: fc.double({ min: 0.2, max: 5, noNaN: true }), x: share(), y: share() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
      let view = WHOLE;
      for (const { factor, x, y } of steps) view = panned(zoomed(view, factor, { x, y }), { x, y });
      const half = 0.5 / view.scale;
      for (const centre of [view.x, view.y]) {
        expect(centre).toBeGreaterThanOrEqual(half - 1e-9);
        expect(centre).toBeLessThanOrEqual(1 - half + 1e-9);
      }
    }),
  );
});

test("the transform moves the centre to the middle of the box", () => {
  expect(transformOf(WHOLE)).toBe("translate(0%, 0%) scale(1)");
  expect(transformOf({ scale: 2, x: 0.75, y: 0.25 })).toBe("translate(-100%, 0%) scale(2)");
});

function share(): fc.Arbitrary<number> {
  return fc.double({ min: 0, max: 1, noNaN: true });
}
