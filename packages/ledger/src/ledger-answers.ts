import type { Deaths, OutcomeLine, PriceKinds, PutOff, Receipt, SourceFindings, UsableKeys } from "@darkroom/core";

export type ClaimAnswer =
  | {
      readonly kind: "claimed";
      readonly receipt: Receipt;
      /** The batch was stopped, so the portrait must only be ended. */
      readonly cancelled: boolean;
      /** The last round that opened the portrait; 0 if no round has reopened it. */
      readonly round: number;
      /** The batch's current round. */
      readonly batchRound: number;
      /** How often the batch was rebuilt from the object store. Earlier receipts are gone. */
      readonly recoveries: number;
      /** When the batch was last rebuilt (epoch ms, Redis' clock); 0 if never. */
      readonly recoveredAt: number;
      /** The batch failed over to its fallback. */
      readonly diverted: boolean;
      /** How often a process died while processing the portrait. */
      readonly deaths: Deaths;
      /** The portrait waited for the account's limits or for its lane, so its next step is probably a call. */
      readonly waitedAtGate: boolean;
      /** Fence of the last ingest. Under another fence, the index may belong to another portrait. */
      readonly fence: number;
      /**
       * Paid results of the batch that could not be fetched or stored at the last attempt; 0 while their number is
       * within the limit.
       */
      readonly stuck: number;
      /** The batch must not pay now: the run may recall the last call, but must not make another. */
      readonly asksOnly: boolean;
    }
  /** Another worker holds the claim with this token. */
  | { readonly kind: "held"; readonly token: string }
  /** Another lane's provider was called for the portrait. Its job belongs in that lane, under the batch's epoch. */
  | { readonly kind: "elsewhere"; readonly lane: string; readonly epoch: number }
  /** The portrait has ended. The job was delivered twice. */
  | { readonly kind: "done" }
  /**
   * The batch may not start the portrait (paused, outside its run window, budget full, too many unstored results), or
   * its fallback processes it. The portrait is pending again.
   */
  | { readonly kind: "parked" }
  /** The portrait is paid for, and its destination refuses writes. The portrait is retrying. */
  | { readonly kind: "waits" }
  /** The ledger has no such batch or portrait. */
  | { readonly kind: "gone" };

/** Whether a call may be made. */
/** A call whose intent must be written. */
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
  /** Another account has worked for the batch. Nothing was written. */
  | { readonly kind: "other_account"; readonly mark: string }
  /**
   * The budget does not cover the call. Nothing was written. `voids`: the budget was lowered below the authorized sum,
   * so the amount held for the portrait beyond its calls is voided. `stopped`: its batch was stopped.
   */
  | { readonly kind: "refused"; readonly voids: boolean; readonly stopped: boolean };

/** A claim with the data that its run knows. */
export interface KnownClaim {
  readonly token: string;
  /** The fence returned with the claim. */
  readonly fence: number;
}

export type ReclaimAnswer =
  | { readonly kind: "held" }
  | { readonly kind: "lost" }
  /** Redis lost snapshot parts, and the source was read again. The caller must compare the row. */
  | { readonly kind: "read_anew"; readonly fence: number };

/** How a worker releases a portrait that has not ended. */
export interface LeftPortrait {
  /** `retrying`: the portrait is retried by itself. `queued`: the portrait stays prefetched. */
  readonly state: "queued" | "retrying";
  readonly wait: PutOff;
  readonly receipt?: Receipt | undefined;
  /** The worker's lane. In a batch that failed over, portraits without a provider call move to the fallback. */
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

/** A provider's picture for a portrait, for the comparison with other portraits' pictures. Hex digits. */
export interface GivenPictures {
  /** Identifies the source photo. */
  readonly photo: string;
  /** Digests of the picture's bytes, and of its link. */
  readonly digests: readonly string[];
}

export interface PendingWindow {
  readonly epoch: number;
  /** Cursor before the search. */
  readonly from: number;
  /** Cursor of the next search. */
  readonly cursor: number;
  readonly indexes: readonly number[];
}

/** A snapshot part as counted by its ingest. */
export interface CountedPart {
  /** From {@link Ledger.beginIngest}. */
  readonly fence: number;
  readonly part: number;
  /** 0 only for the end of a source whose last part was full. */
  readonly rows: number;
  /** Outcome lines of the part's rejected rows. */
  readonly rejected: readonly OutcomeLine[];
  /** The part's rows that may cost more or less than the recipe. Defaults to none. */
  readonly kinds?: PriceKinds;
  /** Set for the last part. */
  readonly end?: SourceEnd | undefined;
}

/** The result of reading a source. */
export interface SourceEnd {
  /** Why the source could not be read to its end. */
  readonly fault?: string | undefined;
  /** A note about a source that was read to its end. */
  readonly note?: string | undefined;
  /** Findings about the source, apart from its rows. */
  readonly findings?: SourceFindings | undefined;
}

/** An outcome line that is not in the report yet. */
export interface StreamedOutcome {
  readonly entryId: string;
  readonly line: string;
}
