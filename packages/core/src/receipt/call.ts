/**
 * What is known about a call. It is the present call of its step until it is over. `STATUSES` maps each status to the
 * sum that contains its price.
 */
export type CallStatus = keyof typeof STATUSES;

/** The sum that contains a call's price. `open`: counted in `maybe` if its portrait ends now. */
type Sum = "none" | "open" | "maybe" | "paid" | "lost";

const STATUSES = {
  /** It is about to be sent, or was sent, and no answer is known. */
  intended: { present: true, sum: "open" },
  /** The provider said that it made no picture and bills nothing. Its memory is queried nevertheless. */
  unpaid: { present: true, sum: "none" },
  /** It may have been paid, and its memory may still have the answer. */
  unclear: { present: true, sum: "maybe" },
  /** A picture of it was seen. */
  answered: { present: true, sum: "paid" },
  /** An earlier round paid for its picture and has recorded the cost. */
  found: { present: true, sum: "none" },
  /** Over: it did not arrive, or no picture was made. */
  free: { present: false, sum: "none" },
  /** Over: it was paid, and its answer is unusable. */
  spent: { present: false, sum: "paid" },
  /** Over: it was paid, and its pictures were lost. */
  lost: { present: false, sum: "lost" },
  /** Over: it may have been paid, and its answer will never be known. */
  "given-up": { present: false, sum: "maybe" },
} as const satisfies Readonly<Record<string, { readonly present: boolean; readonly sum: Sum }>>;

/**
 * How a call without a picture is counted. `attempt`: a failed attempt, uncounted if its answer is found. `lost`: the
 * same, while its answer is considered lost. `outage`: it failed in an outage and is not counted, unless its answer is
 * lost (`outage-lost`). `nothing`: never counted.
 */
export type CallCounts = "attempt" | "lost" | "outage" | "outage-lost" | "nothing";

/** One call to a provider. It is written before it is sent (P3), and kept in the receipt while a sum needs it. */
export interface Call {
  /** The recipe's step, from 0. */
  readonly step: number;
  /** Time of its intent (epoch ms). */
  readonly at: number;
  /** The generation of the session in which it was sent. */
  readonly generation: number;
  /** Its price in the price table of that time (micro-USD). Absent: it had none. */
  readonly priceMicroUsd?: number;
  readonly status: CallStatus;
  /** Absent: not counted yet. */
  readonly counts?: CallCounts;
  /**
   * How often it was given up because the provider's memory could not be read: each time is a failed attempt. Absent:
   * 0.
   */
  readonly silences?: number;
  /**
   * Proof that the provider received it. `begun`: it had started to answer before the call failed, or reported a busy
   * session. `stopped`: this process ended the call while the provider worked on it. Written after the call, so a dead
   * worker leaves none.
   */
  readonly trace?: "begun" | "stopped";
  /** Its pictures, once one was seen. */
  readonly outputs?: Outputs;
  /** How often the provider's memory was queried for its answer. Absent: 0. */
  readonly looks?: number;
  /** The search for it has ended, and it may be sent again. It is kept until the next intent replaces it. */
  readonly resend?: boolean;
}

/** The pictures of an answer. */
export interface Outputs {
  /** Their links, the main one first. Empty if they came inside the answer, so that only its worker had them. */
  readonly urls: readonly string[];
  /** Time at which the last of them was seen (epoch ms). */
  readonly at: number;
  /** The answer is complete, so the picture is the last one. Written with the next change; see `mayBeDraft`. */
  readonly finished?: boolean;
  /** How often a picture could not be fetched. Absent: 0. */
  readonly misses?: number;
  /** Digest of the link's last content, if it was unusable; see the worker's `whoseFault`. */
  readonly faulty?: string;
  /** The link is the second one: the first failed, and the provider's memory returned another. */
  readonly relinked?: boolean;
  /** How often the provider recognized each profile. */
  readonly knownSubjects?: Readonly<Record<string, number>>;
}

/** True if it is the present call of its step. */
export function isPresent({ status }: Call): boolean {
  return STATUSES[status].present;
}

/** The sum that contains its price. */
export function sumOfCall({ status }: Call): Sum {
  return STATUSES[status].sum;
}

/** True if it is present and nothing was seen of an answer. */
export function isOpenCall(call: Call): boolean {
  return isPresent(call) && call.outputs === undefined;
}

/** True if it is present and may have been paid, although no picture was seen. */
export function mayBePaid(call: Call): boolean {
  return isOpenCall(call) && call.status !== "unpaid";
}

/** True if it is present and its picture has a link. */
export function hasLink(call: Call | undefined): boolean {
  return call !== undefined && pictureLinks(call).length > 0;
}

/** The links to its pictures, the main one first. */
export function pictureLinks(call: Call): readonly string[] {
  return isPresent(call) ? (call.outputs?.urls ?? []) : [];
}
