import type { Mode } from "@darkroom/core";
import { seededFraction } from "./seeded-fraction.ts";

export type LatencyRange = readonly [minMs: number, maxMs: number];

export interface LatencyQuestion {
  readonly portrait: string;
  readonly call: number;
  readonly mode: Mode;
}

/** Time per picture, in provider milliseconds: fixed, a range, a range per mode, or a function. */
export type Latency =
  | number
  | LatencyRange
  | Readonly<Record<Mode, LatencyRange>>
  | ((question: LatencyQuestion) => number);

export const DEFAULT_LATENCY_MS: Readonly<Record<Mode, LatencyRange>> = {
  eco: [5_000, 20_000],
  max: [15_000, 60_000],
};

function isRange(latency: LatencyRange | Readonly<Record<Mode, LatencyRange>>): latency is LatencyRange {
  return Array.isArray(latency);
}

/** Deterministic for the same seed, portrait and call. */
export function latencyMs(latency: Latency, seed: string, question: LatencyQuestion): number {
  if (typeof latency === "number") return latency;
  if (typeof latency === "function") return latency(question);
  const [minMs, maxMs] = isRange(latency) ? latency : latency[question.mode];
  return minMs + (maxMs - minMs) * seededFraction(seed, "latency", question.portrait, question.call);
}
