import type { Billed } from "@darkroom/core";

/** The facts about a failed call that determine its cost to the portrait. */
export interface FailedCall {
  /** The request may have arrived. */
  readonly sent: boolean;
  /** No connection could be made, and outage detection is on (`DARKROOM_OUTAGE_FAILURES` is not 0). */
  readonly unreached: boolean;
  readonly billed: Billed;
  /** The provider answered at once that it does not accept calls now. */
  readonly declined: boolean;
  /** The provider's memory can be queried about the call. */
  readonly remembers: boolean;
  /** All calls currently fail this way. */
  readonly outage: boolean;
}

/**
 * Decides whether a failed call costs an attempt, nothing, or nothing unless its answer is given up. A call without a
 * connection costs nothing. Outside an outage, a failed call costs an attempt. In an outage, a call that was certainly
 * not paid costs nothing (P7), and a call that may have been paid counts towards the limit on paid calls (P15).
 */
export function costOfFailure(call: FailedCall): "attempt" | "nothing" | "unless-found" {
  if (call.unreached) return "nothing";
  if (!call.outage) return "attempt";
  if (!call.sent || call.billed === "no") return "nothing";
  if (!call.remembers) return "attempt";
  // The provider claims that it accepted nothing. Its memory must confirm that before the next call.
  return call.declined ? "nothing" : "unless-found";
}
