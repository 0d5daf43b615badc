import type { Billed } from "@darkroom/core";

/** The facts about a failed call that decide what it costs the portrait. */
export interface FailedCall {
  /** The request may have arrived. */
  readonly sent: boolean;
  /** No connection could be made, and outage detection is on (`DARKROOM_OUTAGE_FAILURES` is not 0). */
  readonly unreached: boolean;
  readonly billed: Billed;
  /** The provider answered at once that it accepts no calls now. */
  readonly declined: boolean;
  /** The provider's memory can be asked about the call. */
  readonly remembers: boolean;
  /** Every call currently fails this way. */
  readonly outage: boolean;
}

/**
 * Decides what a failed call costs: an attempt, nothing, or nothing unless its answer is given up. Without a
 * connection it costs nothing. Outside an outage it costs an attempt. In an outage, a call that was surely not paid
 * costs nothing (P7), and one that may have been paid counts towards the limit on paid calls (P15).
 */
export function costOfFailure(call: FailedCall): "attempt" | "nothing" | "unless-found" {
  if (call.unreached) return "nothing";
  if (!call.outage) return "attempt";
  if (!call.sent || call.billed === "no") return "nothing";
  if (!call.remembers) return "attempt";
  // The provider says that it accepted nothing. Its memory must confirm that before the next call.
  return call.declined ? "nothing" : "unless-found";
}
