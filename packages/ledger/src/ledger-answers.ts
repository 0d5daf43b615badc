import type { Deaths, OutcomeLine, PriceKinds, PutOff, Receipt, SourceFindings, UsableKeys } from "@darkroom/core";

export type ClaimAnswer =
  | {
      readonly kind: "claimed";
      readonly receipt: Receipt;
      /** The batch was stopped: the portrait must only be ended. */
      readonly cancelled: boolean;
      /** The round that opened the portrait last; 0 if none has reopened it. */
      readonly round: number;
      /** The batch's present round. */
      readonly batchRound: number;
      /** How often the batch was rebuilt from the object store: earlier receipts are gone. */
      readonly recoveries: number;
      /** When it was rebuilt last (epoch ms, Redis' clock); 0 where it never was. */
      readonly recoveredAt: number;
      /** It failed over to its fallback. */
      readonly diverted: boolean;
      /** How often a process died while processing it. */
      readonly deaths: Deaths;
      /** It returns from a wait for the account's limits, or for its lane, so it needs a call as far as is known. */
      readonly waitedAtGate: boolean;
      /** Fence of the last ingest: under another one, the index may be another portrait's. */
      readonly fence: number;
      /**
       * Paid results of the batch that could not be fetched or stored at the last attempt; 0 while they are within the
       * limit.
       */
      readonly stuck: number;
      /** The batch currently pays for nothing: the last call may be recalled, but no other is made. */
      readonly asksOnly: boolean;
    }
  /** Another worker's token holds it. */
  | { readonly kind: "held"; readonly token: string }
  /** Another lane's provider was called for it; the job belongs there, under the batch's epoch. */
  | { readonly kind: "elsewhere"; readonly lane: string; readonly epoch: number }
  /** It has ended: a job that arrived twice. */
  | { readonly kind: "done" }
  /**
   * The batch may not start it (paused, outside of its hours, budget full, too many unstored results), or its fallback
   * has it; the portrait is pending again.
   */
  | { readonly kind: "parked" }
  /** It is paid for, and its destination refuses writes: it is retrying. */
  | { readonly kind: "waits" }
  /** The ledger has no such batch or portrait. */
  | { readonly kind: "gone" };

/** Whether a call may be made. */
/** A call whose intent is to be written. */
export interface AuthorizedCall {
  readonly receipt: Receipt;
  readonly before: Receipt;
  readonly account?: {
    readonly lane: string;
    /** Mark of the account at the batch's acceptance. */
    readonly ordered: string;
    readonly keys: UsableKeys;
  };
}

export type AuthorizeAnswer =
  | { readonly kind: "authorized" }
  | { readonly kind: "lost" }
  /** Another account has worked for the batch, and nothing was written. */
  | { readonly kind: "other_account"; readonly mark: string }
  /**
   * The budget does not cover it, and nothing was written. `voids`: the budget was lowered below what is authorized, so
   * what is held for the portrait beyond its calls is voided. `stopped`: its batch was stopped.
   */
  | { readonly kind: "refused"; readonly voids: boolean; readonly stopped: boolean };

/** A claim as its run knows it. */
export interface KnownClaim {
  readonly token: string;
  /** As returned with the claim. */
  readonly fence: number;
}

export type ReclaimAnswer =
  | { readonly kind: "held" }
  | { readonly kind: "lost" }
  /** Redis has lost snapshot parts, and the source was read again: the row must be checked. */
  | { readonly kind: "read_anew"; readonly fence: number };

/** How a worker releases a portrait that has not ended. */
export interface LeftPortrait {
  /** `retrying`: it returns by itself. `queued`: it stays in the dispatch window. */
  readonly state: "queued" | "retrying";
  readonly wait: PutOff;
  readonly receipt?: Receipt | undefined;
  /** The worker's lane: portraits without a provider call move to the fallback of a batch that failed over. */
  readonly lane?: string;
}

export type SettleAnswer =
  | {
      readonly kind: "applied";
      readonly pending: number;
      readonly queued: number;
      /** The failure breaker has paused the batch. */
      readonly tripped: boolean;
    }
  | { readonly kind: "duplicate" }
  | { readonly kind: "stale" };

/** A provider's picture for a portrait, as compared with those of others. Hex digits. */
export interface GivenPictures {
  /** Distinguishes the photo from others. */
  readonly photo: string;
  /** Digests of its bytes, and of its link. */
  readonly digests: readonly string[];
}

export interface PendingWindow {
  readonly epoch: number;
  /** Where the search began. */
  readonly from: number;
  /** Where the next one begins. */
  readonly cursor: number;
  readonly indexes: readonly number[];
}

/** A snapshot part as counted by its ingest. */
export interface CountedPart {
  /** From {@link Ledger.beginIngest}. */
  readonly fence: number;
  readonly part: number;
  /** 0 at the end of a source whose last part was full. */
  readonly rows: number;
  /** Outcome lines of the part's bad rows. */
  readonly rejected: readonly OutcomeLine[];
  /** Its rows that may cost more or less than the recipe. Defaults to none. */
  readonly kinds?: PriceKinds;
  /** Set for the last part. */
  readonly end?: SourceEnd | undefined;
}

/** The result of reading a source. */
export interface SourceEnd {
  /** Why it could not be read to its end. */
  readonly fault?: string | undefined;
  /** A note, if it could. */
  readonly note?: string | undefined;
  /** Findings besides its rows. */
  readonly findings?: SourceFindings | undefined;
}

/** One outcome line on its way to the report. */
export interface StreamedOutcome {
  readonly entryId: string;
  readonly line: string;
}
