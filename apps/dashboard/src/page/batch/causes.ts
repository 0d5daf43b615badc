import { OUTCOMES, type OutcomeCode } from "@darkroom/core/outcome";
import type { BatchStatus } from "../api/types.ts";

/** Portraits that ended with the same cause. */
export interface Cause {
  readonly code: OutcomeCode;
  readonly count: number;
  /** Description of the cause. */
  readonly meaning: string;
  /** True if a retry may succeed. */
  readonly retryable: boolean;
}

/** Returns why portraits of a batch failed or were cancelled, the most frequent cause first. */
export function causesOf({ failures }: Pick<BatchStatus, "failures">): readonly Cause[] {
  return Object.entries(failures)
    .filter((entry): entry is [OutcomeCode, number] => entry[0] in OUTCOMES && entry[1] > 0)
    .map(([code, count]) => {
      const { meaning, retryable } = OUTCOMES[code];
      return { code, count, meaning, retryable };
    })
    .toSorted((one, other) => other.count - one.count);
}
