import type { Billed } from "@darkroom/core";

/** How a call failed, as far as it decides on what the failure costs its portrait. */
export interface FailedCall {
  /** The request may have arrived. */
  readonly sent: boolean;
  /** No connection could be made, and failures may be an outage's: `DARKROOM_OUTAGE_FAILURES` is not 0. */
  readonly unreached: boolean;
  readonly billed: Billed;
  /** The provider answered at once that it takes no calls at present. */
  readonly declined: boolean;
  /** Its memory can be asked what became of the call. */
  readonly remembers: boolean;
  /** All calls fail so at present. */
  readonly outage: boolean;
}

/**
 * What a failed call costs its portrait: an attempt, nothing, or nothing as long as its answer may be found. Where no
 * connection can be made it is never the portrait's own failure, and costs nothing. Any other failure outside an outage is
 * an attempt. In one a call that surely was not paid costs nothing (P7), and one that may have been
 * paid counts towards the bound on paid calls (P15): at once where nobody can be asked, or else when its answer is given up.
 */
export function costOfFailure(call: FailedCall): "attempt" | "nothing" | "unless-found" {
  if (call.unreached) return "nothing";
  if (!call.outage) return "attempt";
  if (!call.sent || call.billed === "no") return "nothing";
  if (!call.remembers) return "attempt";
  // The provider says that it took nothing, and its memory has to say the same before the call is made again.
  return call.declined ? "nothing" : "unless-found";
}
