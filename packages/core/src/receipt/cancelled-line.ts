import type { OutcomeCode, OutcomeLine } from "../report/outcome.ts";

/** Returns the outcome line of a portrait that was cancelled before any attempt. */
export function cancelledLine(index: number, at: number, code: OutcomeCode = "cancelled"): OutcomeLine {
  return { index, at, code, billed: "no", message: "", attempts: 0, providerMs: 0, costUsd: 0 };
}
