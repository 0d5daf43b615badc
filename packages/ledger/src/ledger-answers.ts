import type { Deaths, OutcomeLine, PriceKinds, PutOff, Receipt, SourceFindings, UsableKeys } from "@darkroom/core";

export type ClaimAnswer =
  | {
      readonly kind: "claimed";
      readonly receipt: Receipt;
      /** The batch was stopped: the portrait is only to be ended. */
      readonly cancelled: boolean;
      /** The round that opened the portrait last; 0 for one that none has opened again. */
      readonly round: number;
      /** The batch's present round. */
      readonly batchRound: number;
      /** How often the batch was rebuilt from the object store: receipts from before are gone. */
      readonly recoveries: number;
      /** When it was rebuilt last (epoch ms, Redis' clock); 0 where it never was. */
      readonly recoveredAt: number;
      /** Its fallback does the work. */
      readonly diverted: boolean;
      /** How often a process died with it in hand. */
      readonly deaths: Deaths;
      /** It comes back from a wait for the account's limits, or for its lane: it needs a call, as far as is known. */
      readonly waitedAtGate: boolean;
      /** Of the ingest that read the source last: under another one, the index may be another portrait's. */
      readonly fence: number;
      /** Paid results of the batch that could not be fetched or stored when that was tried last; 0 while no more wait than may. */
      readonly stuck: number;
      /** The batch pays for nothing at present: what may be found of the last call is looked for, and no other is made. */
      readonly asksOnly: boolean;
    }
  /** Another worker's token holds it. */
  | { readonly kind: "held"; readonly token: string }
  /** Another lane's provider was called for it; the job belongs there, under the batch's epoch. */
  | { readonly kind: "elsewhere"; readonly lane: string; readonly epoch: number }
  /** It has ended: a job that came twice. */
  | { readonly kind: "done" }
  /**
   * The batch rests (paused, out of its hours, its budget full, too many of its paid results are not stored) or its
   * fallback has it; the portrait is pending again.
   */
  | { readonly kind: "parked" }
  /** It is paid for, and its destination takes no writes: it is retrying. */
  | { readonly kind: "waits" }
  /** The ledger knows no such batch or portrait. */
  | { readonly kind: "gone" };

/** Whether a call may be made. */
/** A call whose intent is to be written. */
export interface AuthorizedCall {
  readonly receipt: Receipt;
  readonly before: Receipt;
  readonly account?: {
    readonly lane: string;
    /** Mark of the account that the batch was accepted with. */
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
   * The budget does not pay for it, and nothing was written. `voids`: the budget was lowered below what is authorized, so what
   * is held for the portrait beyond its calls goes. `stopped`: its batch was stopped.
   */
  | { readonly kind: "refused"; readonly voids: boolean; readonly stopped: boolean };

/** A claim as its run knows it. */
export interface KnownClaim {
  readonly token: string;
  /** As the claim was answered with it. */
  readonly fence: number;
}

export type ReclaimAnswer =
  | { readonly kind: "held" }
  | { readonly kind: "lost" }
  /** Redis has forgotten parts of the snapshot, and the source was read anew: the row has to be looked at. */
  | { readonly kind: "read_anew"; readonly fence: number };

/** How a worker leaves a portrait that it has not ended. */
export interface LeftPortrait {
  /** `retrying`: it comes again by itself. `queued`: it keeps its place in the dispatch window. */
  readonly state: "queued" | "retrying";
  readonly wait: PutOff;
  readonly receipt?: Receipt | undefined;
  /** The worker's: what no provider was called for goes to the fallback of a batch that was diverted from it. */
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

/** A picture that a provider gave for a portrait, as it is compared with what others were given. Hex digits. */
export interface GivenPictures {
  /** Tells the photo that they are of from others. */
  readonly photo: string;
  /** Of its bytes, and of the link to them. */
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

/** A part of the snapshot as its ingest counts it. */
export interface CountedPart {
  /** What {@link Ledger.beginIngest} gave. */
  readonly fence: number;
  readonly part: number;
  /** 0 at the end of a source whose last part was full. */
  readonly rows: number;
  /** Outcome lines of the part's bad rows. */
  readonly rejected: readonly OutcomeLine[];
  /** Its rows that may cost something else than the recipe. Defaults to none. */
  readonly kinds?: PriceKinds;
  /** Set for the last part. */
  readonly end?: SourceEnd | undefined;
}

/** How a source was read to its end. */
export interface SourceEnd {
  /** Why it could not be. */
  readonly fault?: string | undefined;
  /** What people should know of it, though it could. */
  readonly note?: string | undefined;
  /** What was found beside its rows. */
  readonly findings?: SourceFindings | undefined;
}

/** One outcome line on its way to the report. */
export interface StreamedOutcome {
  readonly entryId: string;
  readonly line: string;
}
