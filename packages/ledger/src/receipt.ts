import type { Billed, OutcomeCode } from "@darkroom/core";

/**
 * What a portrait has been through so far; lives in the ledger from the first intent until it is settled (P3).
 * A turn is written in this order: intent before the call, output the moment its URL is seen.
 */
export interface Receipt {
  /** The batch's round in which the provider was first called; its recipe holds until the portrait ends. Absent: 0. */
  readonly round?: number;
  /** Attempts that the provider failed. */
  readonly attempts: number;
  /** Times that the object store failed this portrait. */
  readonly storageFailures: number;
  /** Sessions that the provider lost; see core's `sessionId`. */
  readonly generation: number;
  /** Time spent waiting for the provider so far. */
  readonly providerMs: number;
  /** Turns that were surely paid. */
  readonly paidTurns: number;
  /** Whether some turn may have been paid without an answer. */
  readonly maybeBilled: boolean;
  /** Exchanges of the present session that are over, as far as is known. */
  readonly exchanges: number;
  /** The step in which a question was answered, and what the answer was. */
  readonly clarifiedStep?: number;
  readonly clarifiedWith?: string;
  /** When the first call was intended (epoch ms), for the bound on waiting. */
  readonly firstIntentAt?: number;
  /** What the result will be marked with: kept from the first intent on, in case the source changes or goes. */
  readonly fingerprint?: string;
  readonly turns: readonly Turn[];
  /** The last failure, for the outcome when attempts run out. */
  readonly lastFailure?: { readonly code: OutcomeCode; readonly message: string; readonly billed?: Billed };
}

export interface Turn {
  /** Epoch ms; recorded before the call. */
  readonly intentAt: number;
  /** Times that the provider's memory was asked for a lost answer. */
  readonly looks?: number;
  /** The session's generation that it was sent in. */
  readonly generation: number;
  /** The provider had begun to answer, or called the session busy when it was sent again: the work goes on there. */
  readonly begun?: boolean;
  /** We ended the call while the provider worked on it: it goes on there, or is dropped. */
  readonly stopped?: boolean;
  /** It was looked for long enough and may be sent again; it stays here until the next intent takes its place. */
  readonly resend?: boolean;
  readonly outputUrl?: string;
  /** URLs of the further pictures of the same call. */
  readonly variationUrls?: readonly string[];
  /** How often the provider recognised each profile. */
  readonly knownSubjects?: Readonly<Record<string, number>>;
  /** When the output's URL was seen (epoch ms). */
  readonly outputAt?: number;
}

export const EMPTY_RECEIPT: Receipt = {
  attempts: 0,
  storageFailures: 0,
  generation: 0,
  providerMs: 0,
  paidTurns: 0,
  maybeBilled: false,
  exchanges: 0,
  turns: [],
};

export function parseReceipt(text: string): Receipt {
  return text === "" ? EMPTY_RECEIPT : (JSON.parse(text) as Receipt);
}
