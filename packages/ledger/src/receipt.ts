/**
 * What a portrait has been through so far; lives in the ledger from the first intent until it is settled (P3).
 * A turn is written in this order: intent before the call, output the moment its URL is seen.
 */
export interface Receipt {
  /** Attempts that the provider failed. */
  readonly attempts: number;
  /** Sessions that the provider lost; see core's `sessionId`. */
  readonly generation: number;
  /** Time spent waiting for the provider so far. */
  readonly providerMs: number;
  /** Turns that were surely paid. */
  readonly paidTurns: number;
  /** Whether some turn may have been paid without an answer. */
  readonly maybeBilled: boolean;
  /** Set once the standing answer to a question was given. */
  readonly clarified?: boolean;
  /** When the first call was intended (epoch ms), for the bound on waiting. */
  readonly firstIntentAt?: number;
  readonly turns: readonly Turn[];
  /** The last failure, for the outcome when attempts run out. */
  readonly lastFailure?: { readonly code: string; readonly message: string };
}

export interface Turn {
  /** Epoch ms; recorded before the call. */
  readonly intentAt: number;
  /** Times that the provider's memory was asked for a lost answer. */
  readonly looks?: number;
  readonly outputUrl?: string;
}

export const EMPTY_RECEIPT: Receipt = {
  attempts: 0,
  generation: 0,
  providerMs: 0,
  paidTurns: 0,
  maybeBilled: false,
  turns: [],
};

export function parseReceipt(text: string): Receipt {
  return text === "" ? EMPTY_RECEIPT : (JSON.parse(text) as Receipt);
}
