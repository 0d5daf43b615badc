import type { Readable } from "node:stream";
import type { Billed, Mode, OutcomeCode, ProviderName } from "@darkroom/core";

/** What a provider takes as input. A picture outside of it is refused before anything is paid. */
export interface AcceptedInput {
  /** MIME types, by content. */
  readonly contentTypes: readonly string[];
  readonly maxBytes: number;
  readonly minSidePx: number;
  /** A larger picture is scaled down before it is sent. */
  readonly maxSidePx: number;
  /** How a picture gets there: by a URL that the provider fetches, or within the request. The first is preferred. */
  readonly by: readonly ("url" | "bytes")[];
}

/** A picture that goes within the request. */
export interface PictureBytes {
  readonly sizeBytes: number;
  /** Opened once for each request; read as the request is written, and never held whole. */
  open(): Promise<Readable>;
}

/** A picture for the provider's own short-lived storage. */
export interface UploadRequest {
  /** MIME type, by content. */
  readonly contentType: string;
  readonly bytes: Uint8Array;
  /** The URL opens it for this long, and no longer than it must (P8). */
  readonly expiresInSeconds: number;
}

export type UploadAnswer =
  /** Whoever has this URL can read the picture until it expires (epoch ms). */
  | { readonly kind: "uploaded"; readonly url: string; readonly expiresAt: number }
  | (Answer & { readonly kind: "blocked"; readonly reason: "auth" | "balance" })
  | (Answer & { readonly kind: "throttled"; readonly retryAfterMs: number })
  | (Answer & { readonly kind: "refused"; readonly code: OutcomeCode })
  | (Answer & {
      readonly kind: "failed";
      readonly retryAfterMs?: number;
      /** No connection could be made. Defaults to false. */
      readonly unreached?: true;
      /** Its storage was reached, and this picture alone may be what could not be put there. Defaults to false. */
      readonly ofPicture?: true;
    });

/** One turn with a provider. */
export interface EnhanceRequest {
  /** Derived from batch and portrait (see core's `sessionId`), so that the work can be found again. */
  readonly sessionId: string;
  readonly prompt: string;
  readonly mode: Mode;
  /** A URL that the provider can fetch. Absent on later turns of a session, and where the picture goes as bytes. */
  readonly imageUrl?: string;
  /** In place of the URL, where a provider takes pictures so and none can be given. */
  readonly imageBytes?: PictureBytes;
  readonly profileIds?: readonly string[];
  /** Pictures wished of this call. Defaults to 1; a provider that makes but one makes one. */
  readonly variations?: number;
  /** Wished kind of picture, for providers that have a choice. */
  readonly outputFormat?: "jpeg" | "png";
}

/** What a provider tells of a paid answer beside its main picture. */
export interface OutputDetail {
  /** URLs of the further pictures of the same call, in the provider's order. */
  readonly variations?: readonly string[];
  /** How often each profile was recognised, over all pictures. */
  readonly knownSubjects?: Readonly<Record<string, number>>;
  readonly model?: string;
}

/** What a provider says of the account's request rate, as it answers. */
export interface RateLimits {
  /** Requests a minute. */
  readonly limit: number | undefined;
  readonly remaining: number | undefined;
  /** Until the count begins anew. */
  readonly resetMs: number | undefined;
}

export interface EnhanceHooks {
  /**
   * Called with an output's URL the moment it is seen, and awaited before the stream is read on: the receipt is written
   * here (P3). Called again when a later picture of the same turn replaces it. What it rejects with ends the call, which
   * rejects with the same.
   */
  onOutput(url: string, detail?: OutputDetail): Promise<void>;
  /** What the provider says it is doing. Never awaited; may come many times a second. */
  onProgress(progress: { readonly message: string; readonly percent?: number }): void;
  /**
   * Told how many bytes of pictures have come within the answer so far. While a returned promise is open nothing more is
   * read, and the call's limits rest. What it rejects with ends the call, which rejects with the same.
   */
  onPictureBytes?(bytes: number): Promise<void> | undefined;
  /** Told what the provider says of the account's rate with this call, where it says something. Never awaited. */
  onLimits?(limits: RateLimits): void;
}

/** The limits of one call. */
export interface CallLimits {
  /** The whole call, from the request to the last byte. */
  readonly deadlineMs: number;
  /** The longest silence within it. */
  readonly idleMs: number;
  /** Aborted by shutdown or by a person. */
  readonly signal: AbortSignal;
}

interface Answer {
  /** A person's sentence; holds no key and no URL. */
  readonly message: string;
}

/** How a call ended. Closed: whoever reads it ends its switch in `never`. */
export type EnhanceAnswer =
  /** The paid picture is at `url`. */
  | (OutputDetail & {
      readonly kind: "output";
      readonly url: string;
      /** The answer's end was not seen: the provider may have gone on to a newer picture, which its memory will tell. */
      readonly unfinished?: true;
    })
  /** The paid pictures came within the answer and are nowhere else; the first is the main one. */
  | (Pick<OutputDetail, "knownSubjects" | "model"> & {
      readonly kind: "pictures";
      readonly pictures: readonly Uint8Array[];
    })
  /**
   * The provider could not fetch the picture by its link, so that it made nothing and billed nothing. The fault is the
   * store's behind the link and may pass: burns no attempt of the provider's.
   */
  | (Answer & { readonly kind: "link_unreached" })
  /** Refused for good; costs the attempt and is never tried again. */
  | (Answer & { readonly kind: "refused"; readonly code: OutcomeCode; readonly billed: Billed })
  /**
   * Failed for now. `sent` is false only where the request is known not to have arrived; otherwise the provider's
   * memory is asked before anything is paid again.
   */
  | (Answer & {
      readonly kind: "failed";
      readonly code: "timeout" | "provider_error" | "no_output";
      readonly sent: boolean;
      readonly billed: Billed;
      /** Answered at once, by a server that says that it takes no requests at present (HTTP 503). Defaults to false. */
      readonly declined?: true;
      /** No connection could be made: nothing was asked, whatever the portrait. Defaults to false. */
      readonly unreached?: true;
      readonly retryAfterMs?: number;
    })
  /** The account can do nothing at present; burns no attempt (P7). */
  | (Answer & { readonly kind: "blocked"; readonly reason: "auth" | "balance" })
  /**
   * Rate or concurrency limit; burns no attempt. A limit on calls at once clears as calls end, one on the rate with
   * time. Where the cause is absent, it is the rate.
   */
  | (Answer & { readonly kind: "throttled"; readonly retryAfterMs: number; readonly cause?: "rate" | "concurrency" })
  /** Our earlier request still runs in this session; nothing was paid by this one. */
  | (Answer & { readonly kind: "busy" })
  /** The session is gone; a new one must start from the last good output. */
  | (Answer & { readonly kind: "session_lost" })
  /** The agent asks something. */
  | (Answer & { readonly kind: "clarification"; readonly question: string; readonly options: readonly string[] })
  /** Our own signal ended it. `sent` as above. */
  | (Answer & { readonly kind: "aborted"; readonly sent: boolean });

/** What a provider remembers of a session. */
export type RecallAnswer =
  /** The turn was answered: its newest picture. */
  | { readonly kind: "found"; readonly url: string }
  /** The turn is over and made no picture: paying again is right. */
  | {
      readonly kind: "finished_without_output";
      /** Exchanges that the session has had so far; the next turn is looked for after them. */
      readonly exchanges: number;
    }
  /** No trace of the turn: it never arrived, or still runs. */
  | { readonly kind: "nothing_yet" }
  /** This provider has no memory, or has lost this session. */
  | { readonly kind: "unknown" }
  | (Answer & { readonly kind: "blocked"; readonly reason: "auth" | "balance" })
  /** The memory could not be asked. */
  | (Answer & {
      readonly kind: "unavailable";
      readonly retryAfterMs?: number;
      /** No connection could be made. Defaults to false. */
      readonly unreached?: true;
    });

export interface RecallRequest {
  readonly sessionId: string;
  /** The prompt of the turn that is looked for; the newest turn with these words counts. */
  readonly prompt: string;
  /** Exchanges of this session that are known to be over, so that an earlier try is not taken for this one. */
  readonly turnsBefore: number;
  /** What may have been said to a question of the agent's about this turn: such an exchange belongs to it. Defaults to none. */
  readonly answers?: readonly string[];
}

/** How an account answers a question that costs nothing. */
export interface Health {
  readonly ok: boolean;
  /** No connection could be made. Defaults to false. */
  readonly unreached?: true;
  readonly message: string;
}

/** A provider account, as the worker sees it. One adapter package for each provider. */
export interface Provider {
  readonly name: ProviderName;
  readonly accepts: AcceptedInput;
  /** Whether {@link recall} can tell what became of a lost call. Without it a lost call is `maybe_billed`. */
  readonly remembers: boolean;
  /** How its pictures come: as links, or within the answer, which then needs room in memory before the call. */
  readonly answersWith: "links" | "pictures";
  enhance(request: EnhanceRequest, hooks: EnhanceHooks, limits: CallLimits): Promise<EnhanceAnswer>;
  recall(request: RecallRequest, signal: AbortSignal): Promise<RecallAnswer>;
  /** Puts a picture where the provider can fetch it; absent where it has no storage of its own. Costs nothing. */
  upload?(request: UploadRequest, signal: AbortSignal): Promise<UploadAnswer>;
  /** Clears what the provider keeps of a session (P8). Never throws; says whether it worked. */
  forget(sessionId: string, signal: AbortSignal): Promise<boolean>;
  /** A cheap question that costs nothing: does the account answer? */
  health(signal: AbortSignal): Promise<Health>;
  close(): Promise<void>;
}
