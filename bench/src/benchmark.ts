/** A bound that a figure is held against. */
export interface Target {
  readonly kind: "at-least" | "at-most";
  readonly value: number;
}

/** One thing that was measured. */
export interface Figure {
  /** Says what, in a few words; stable, because the report finds figures by it. */
  readonly name: string;
  readonly value: number;
  /** Empty for a plain ratio or count. */
  readonly unit: string;
  readonly target?: Target;
}

/** What a benchmark's flags set: counts and times, each by its name. */
export type Sizes = Readonly<Record<string, number>>;

export interface Measured {
  readonly figures: readonly Figure[];
  /** What a reader must know to take the figures rightly. */
  readonly notes: readonly string[];
}

export interface Benchmark<S extends Sizes = Sizes> {
  readonly name: string;
  /** One sentence: what is measured, and against what. */
  readonly title: string;
  /** Sizes of a real run; each can be set by a flag of its name. */
  readonly sizes: S;
  /** Sizes that only show that it works. */
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

/** The middle of the values; of an even number, the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? NaN) + (sorted[Math.floor(middle)] ?? NaN)) / 2;
}

/** The value that `share` (0 to 1) of the values do not pass. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? NaN;
}
