import type { Billed } from "@darkroom/core";

/** How a call failed, as far as it decides on what the failure costs its portrait. */
export interface FailedCall {
  /** The request may have arrived. */
  readonly sent: boolean;
  readonly billed: Billed;
  /** The provider answered at once that it takes no calls at present. */
  readonly declined: boolean;
  /** Its memory can be asked what became of the call. */
  readonly remembers: boolean;
  /** All calls fail so at present. */
  readonly outage: boolean;
}

/**
 * What a failed call costs its portrait: an attempt, nothing, or nothing as long as its answer may be found. Outside an
 * outage each failure is an attempt. In one a call that surely was not paid costs nothing (P7), and one that may have been
 * paid counts towards the bound on paid calls (P15): at once where nobody can be asked, or else when its answer is given up.
 */
export function costOfFailure(call: FailedCall): "attempt" | "nothing" | "unless-found" {
  if (!call.outage) return "attempt";
  if (!call.sent || call.billed === "no") return "nothing";
  if (!call.remembers) return "attempt";
  // The provider says that it took nothing, and its memory has to say the same before the call is made again.
  return call.declined ? "nothing" : "unless-found";
}
