/**
 * What is known of a call. It is the one present call of its step until it is over. `STATUSES` says of each which sum its
 * price is in.
 */
export type CallStatus = keyof typeof STATUSES;

/** The sum that a call's price is in. `open`: in `maybe` should its portrait end now. */
type Sum = "none" | "open" | "maybe" | "paid" | "lost";

const STATUSES = {
  /** It is about to be sent, or was sent, and no answer is known. */
  intended: { present: true, sum: "open" },
  /** The provider said that it made no picture and bills nothing. Its memory is asked all the same. */
  unpaid: { present: true, sum: "none" },
  /** It may have been paid. Its memory may still tell. */
  unclear: { present: true, sum: "maybe" },
  /** A picture of it was seen. */
  answered: { present: true, sum: "paid" },
  /** An earlier round paid for its picture and has booked it. */
  found: { present: true, sum: "none" },
  /** Over: it did not arrive, or no picture was made. */
  free: { present: false, sum: "none" },
  /** Over: it was paid, and its answer is of no use. */
  spent: { present: false, sum: "paid" },
  /** Over: it was paid, and its pictures were lost on the way. */
  lost: { present: false, sum: "lost" },
  /** Over: it may have been paid, and its answer will not be known. */
  "given-up": { present: false, sum: "maybe" },
} as const satisfies Readonly<Record<string, { readonly present: boolean; readonly sum: Sum }>>;

/**
 * What a call without a picture counts as. `attempt`: a failed attempt, which is taken back should its answer be found. `lost`: the
 * same, because its answer is taken for lost at present. `outage`: it failed in an outage, and counts as nothing unless its
 * answer is lost: `outage-lost` then. `nothing`: it never counts.
 */
export type CallCounts = "attempt" | "lost" | "outage" | "outage-lost" | "nothing";

/** One call to a provider. It is written before it is sent (P3), and stays in the receipt while a sum needs it. */
export interface Call {
  /** The recipe's step, from 0. */
  readonly step: number;
  /** When it was intended (epoch ms). */
  readonly at: number;
  /** The session's generation that it was sent in. */
  readonly generation: number;
  /** Its price, from the price table as it was then (micro-USD). Absent: it had none. */
  readonly priceMicroUsd?: number;
  readonly status: CallStatus;
  /** Absent: nothing yet. */
  readonly counts?: CallCounts;
  /** Times that it was given up because the provider's memory could not be read: each is a failed attempt. Absent: 0. */
  readonly silences?: number;
  /**
   * The provider had it. `begun`: it had begun to answer before the call failed, or called the session busy. `stopped`: this side
   * ended the call while the provider worked on it. Written when the call has ended, so a dead worker leaves none.
   */
  readonly trace?: "begun" | "stopped";
  /** Its pictures, once one was seen. */
  readonly outputs?: Outputs;
  /** Times that the provider's memory was asked for its answer. Absent: 0. */
  readonly looks?: number;
  /** It was looked for long enough and may be sent again. It stays until the next intent takes its place. */
  readonly resend?: boolean;
}

/** The pictures of an answer. */
export interface Outputs {
  /** Their links, the main one first. Empty: they came within the answer, and only its worker had them. */
  readonly urls: readonly string[];
  /** When the last of them was seen (epoch ms). */
  readonly at: number;
  /** The answer came to its end: the picture is the last one. Written with whatever is written next; see `mayBeDraft`. */
  readonly finished?: boolean;
  /** Times that a picture could not be fetched. Absent: 0. */
  readonly misses?: number;
  /** Digest of what the link gave last, where that could not be used; see the worker's `whoseFault`. */
  readonly faulty?: string;
  /** The link is the second one: the first failed, and the provider's memory had another. */
  readonly relinked?: boolean;
  /** How often the provider recognised each profile. */
  readonly knownSubjects?: Readonly<Record<string, number>>;
}

/** Whether its step still has it. */
export function isPresent({ status }: Call): boolean {
  return STATUSES[status].present;
}

/** The sum that its price is in. */
export function sumOfCall({ status }: Call): Sum {
  return STATUSES[status].sum;
}

/** Whether it is present and nothing was seen of an answer. */
export function isOpenCall(call: Call): boolean {
  return isPresent(call) && call.outputs === undefined;
}

/** Whether it is present, and may have been paid although no picture was seen. */
export function mayBePaid(call: Call): boolean {
  return isOpenCall(call) && call.status !== "unpaid";
}

/** Whether it is present and its picture has a link. */
export function hasLink(call: Call | undefined): boolean {
  return call !== undefined && pictureLinks(call).length > 0;
}

/** The links to its pictures, the main one first. */
export function pictureLinks(call: Call): readonly string[] {
  return isPresent(call) ? (call.outputs?.urls ?? []) : [];
}
