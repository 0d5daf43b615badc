/** A target for a figure. */
export interface Target {
  readonly kind: "at-least" | "at-most";
  readonly value: number;
}

/** One measurement. */
export interface Figure {
  /** A short description. Must not change, because the report finds figures by this text. */
  readonly name: string;
  readonly value: number;
  /** Empty for a plain ratio or count. */
  readonly unit: string;
  readonly target?: Target;
}

/** Values of a benchmark's flags: counts and times by name. */
export type Sizes = Readonly<Record<string, number>>;

export interface Measured {
  readonly figures: readonly Figure[];
  /** Facts that a reader needs to interpret the figures. */
  readonly notes: readonly string[];
}

export interface Benchmark<S extends Sizes = Sizes> {
  readonly name: string;
  /** One sentence that states the measurement and its baseline. */
  readonly title: string;
  /** Sizes of a real run; each has a flag of the same name. */
  readonly sizes: S;
  /** Minimal sizes, to test that the benchmark works. */
  readonly tinySizes: S;
  run(sizes: S, say: (line: string) => void): Promise<Measured>;
}

export function defineBenchmark<const S extends Sizes>(
  benchmark: Omit<Benchmark, "sizes" | "tinySizes" | "run"> & {
    readonly sizes: S;
    readonly tinySizes: { readonly [K in keyof S]: number };
    run(sizes: { readonly [K in keyof S]: number }, say: (line: string) => void): Promise<Measured>;
  },
): Benchmark {
  return benchmark;
}

export const atLeast = (value: number): Target => ({ kind: "at-least", value });
export const atMost = (value: number): Target => ({ kind: "at-most", value });

export function meets(value: number, target: Target): boolean {
  return target.kind === "at-least" ? value >= target.value : value <= target.value;
}

/** Returns the median; for an even number, the mean of the two middle values. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? NaN) + (sorted[Math.floor(middle)] ?? NaN)) / 2;
}

/** Returns the quantile of the values at `share` (0 to 1). */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? NaN;
}
