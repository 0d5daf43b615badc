/** Micro-USD per USD. Amounts are whole micro-USD, so that sums are exact. */
export const MICRO = 1_000_000;
