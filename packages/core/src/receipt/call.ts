/**
 * The known result of a call. Until a call is over, it is the present call of its step. `STATUSES` maps each status to
 * the sum that contains the call's price.
 */
export type CallStatus = keyof typeof STATUSES;

/** The sum that contains a call's price. `open`: added to `maybe` if its portrait ends now. */
type Sum = "none" | "open" | "maybe" | "paid" | "lost";

const STATUSES = {
  /** The call is about to be sent, or was sent, and no answer is known. */
  intended: { present: true, sum: "open" },
  /** The provider reported that it made no picture and bills nothing. Its memory is queried nevertheless. */
  unpaid: { present: true, sum: "none" },
  /** The call may have been paid, and the provider's memory may still have the answer. */
  unclear: { present: true, sum: "maybe" },
  /** A picture of the call was seen. */
  answered: { present: true, sum: "paid" },
  /** An earlier round paid for the picture and has recorded the cost. */
  found: { present: true, sum: "none" },
  /** Over: the call did not arrive, or no picture was made. */
  free: { present: false, sum: "none" },
  /** Over: the call was paid, and its answer is unusable. */
  spent: { present: false, sum: "paid" },
  /** Over: the call was paid, and its pictures were lost. */
  lost: { present: false, sum: "lost" },
  /** Over: the call may have been paid, and its answer will never be known. */
  "given-up": { present: false, sum: "maybe" },
} as const satisfies Readonly<Record<string, { readonly present: boolean; readonly sum: Sum }>>;

/**
 * How a call without a picture counts. `attempt`: a failed attempt, which no longer counts if its answer is found.
 * `lost`: the same, while its answer is considered lost. `outage`: the call failed in an outage and does not count,
 * unless its answer is lost (`outage-lost`). `nothing`: never counts.
 */
export type CallCounts = "attempt" | "lost" | "outage" | "outage-lost" | "nothing";

/** A call to a provider. Written to the receipt before the request is sent (P3), and kept while a sum needs it. */
export interface Call {
  /** The recipe's step, from 0. */
  readonly step: number;
  /** Time of the intent (epoch ms). */
  readonly at: number;
  /** Generation of the session in which the call was sent. */
  readonly generation: number;
  /** Price in the price table of that time (micro-USD). Absent: no price. */
  readonly priceMicroUsd?: number;
  readonly status: CallStatus;
  /** Absent: not counted yet. */
  readonly counts?: CallCounts;
  /**
   * How often the call was given up because the provider's memory could not be read. Each time is a failed attempt.
   * Absent: 0.
   */
  readonly silences?: number;
  /**
   * Proof that the provider received the call. `begun`: the provider had started to answer before the call failed, or
   * reported a busy session. `stopped`: this process aborted the call while the provider worked on it. Written after
   * the call, so a dead worker leaves no trace.
   */
  readonly trace?: "begun" | "stopped";
  /** The call's pictures, once one was seen. */
  readonly outputs?: Outputs;
  /** How often the provider's memory was queried for the answer. Absent: 0. */
  readonly looks?: number;
  /** True if the recall has ended and the call may be sent again. Kept until the next intent replaces the call. */
  readonly resend?: boolean;
}

/** The pictures of an answer. */
export interface Outputs {
  /**
   * Links to the pictures, the main one first. Empty if they came inside the answer, so that only its worker had them.
   */
  readonly urls: readonly string[];
  /** Time at which the last picture was seen (epoch ms). */
  readonly at: number;
  /** True if the answer is complete, so that the picture is final. Written with the next change; see `mayBeDraft`. */
  readonly finished?: boolean;
  /** How often a picture could not be fetched. Absent: 0. */
  readonly misses?: number;
  /** Digest of the link's last content, if that was unusable; see the worker's `whoseFault`. */
  readonly faulty?: string;
  /** True if this is the second link: the first failed, and the provider's memory returned another. */
  readonly relinked?: boolean;
  /** How often the provider recognized each profile. */
  readonly knownSubjects?: Readonly<Record<string, number>>;
}

/** True if this is the present call of its step. */
export function isPresent({ status }: Call): boolean {
  return STATUSES[status].present;
}

/** Returns the sum that contains the call's price. */
export function sumOfCall({ status }: Call): Sum {
  return STATUSES[status].sum;
}

/** True if the call is present and nothing of an answer was seen. */
export function isOpenCall(call: Call): boolean {
  return isPresent(call) && call.outputs === undefined;
}

/** True if the call is present and may have been paid, although no picture was seen. */
export function mayBePaid(call: Call): boolean {
  return isOpenCall(call) && call.status !== "unpaid";
}

/** True if the call is present and its picture has a link. */
export function hasLink(call: Call | undefined): boolean {
  return call !== undefined && pictureLinks(call).length > 0;
}

/** Returns the links to the call's pictures, the main one first. */
export function pictureLinks(call: Call): readonly string[] {
  return isPresent(call) ? (call.outputs?.urls ?? []) : [];
}
