/** Returns the linear light of an sRGB value, both 0 to 1 (IEC 61966-2-1). */
function linearLight(value: number): number {
  return value <= 0.040_45 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
}

/** Returns a table of {@link linearLight} for 0, 1/most … 1. */
export function linearLights(most: number): Float64Array {
  return Float64Array.from({ length: most + 1 }, (_, level) => linearLight(level / most));
}
