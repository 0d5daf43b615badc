import type { Benchmark } from "./benchmark.ts";
import { overhead } from "./benchmarks/overhead.ts";

/** In the order in which `all` runs them. */
export const BENCHMARKS: readonly Benchmark[] = [overhead];
