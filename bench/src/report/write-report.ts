import type { Benchmark } from "../benchmark.ts";

export async function writeReport(_benchmarks: readonly Benchmark[]): Promise<readonly string[]> {
  return [];
}
