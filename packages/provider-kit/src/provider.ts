import type { Readable } from "node:stream";
import type { Billed, Mode, OutcomeCode, ProviderName } from "@darkroom/core";

/** The input that a provider accepts. Other pictures are rejected before anything is paid. */
export interface AcceptedInput {
  /** MIME types, determined by content. */
  readonly contentTypes: readonly string[];
  readonly maxBytes: number;
  readonly minSidePx: number;
  /** Maximum side length. A larger picture is scaled down before it is sent. */
  readonly maxSidePx: number;
  /**
   * How pictures can be sent: by a URL that the provider fetches, or within the request. The first entry is preferred.
   */
  readonly by: readonly ("url" | "bytes")[];
}

/** A picture to send within the request. */
export interface PictureBytes {
  readonly sizeBytes: number;
  /**
   * Opens the picture, once per request. The picture is read while the request is written, and is never completely in
   * memory.
   */
  open(): Promise<Readable>;
}

/** A picture for the provider's own temporary storage. */
export interface UploadRequest {
  /** MIME type, determined by content. */
  readonly contentType: string;
  readonly bytes: Uint8Array;
  /** Minimum validity of the URL. The URL must not be valid for longer than necessary (P8). */
  readonly expiresInSeconds: number;
}

export type UploadAnswer =
  /** The picture's URL, which grants read access until it expires (epoch ms). */
  | { readonly kind: "uploaded"; readonly url: string; readonly expiresAt: number }
  | (Answer & { readonly kind: "blocked"; readonly reason: "auth" | "balance" })
  | (Answer & { readonly kind: "throttled"; readonly retryAfterMs: number })
  | (Answer & { readonly kind: "refused"; readonly code: OutcomeCode })
  | (Answer & {
      readonly kind: "failed";
      readonly retryAfterMs?: number;
      /** No connection could be made. Defaults to false. */
      readonly unreached?: true;
      /** The storage was reached, so the problem may concern only this picture. Defaults to false. */
      readonly ofPicture?: true;
    });

/** A call to a provider. */
export interface EnhanceRequest {
  /** Derived from batch and portrait (see core's `sessionId`), so that the work can be recalled. */
  readonly sessionId: string;
  readonly prompt: string;
  readonly mode: Mode;
  /** A URL that the provider can fetch. Absent on later turns of a session, and if the picture is sent as bytes. */
  readonly imageUrl?: string;
  /** The alternative to the URL, for providers that accept pictures within the request. */
  readonly imageBytes?: PictureBytes;
  readonly profileIds?: readonly string[];
  /** Number of pictures to make. Defaults to 1. Ignored by providers that always make one. */
  readonly variations?: number;
  /** The output format, for providers that offer a choice. */
  readonly outputFormat?: "jpeg" | "png";
}

/** Data of a paid answer, other than its main picture. */
export interface OutputDetail {
  /** URLs of the other pictures of the same call, in the provider's order. */
  readonly variations?: readonly string[];
  /** How often each profile was recognised, over all pictures. */
  readonly knownSubjects?: Readonly<Record<string, number>>;
  readonly model?: string;
}

/** The account's request rate according to the provider's answers. */
export interface RateLimits {
  /** Requests per minute. */
  readonly limit: number | undefined;
  readonly remaining: number | undefined;
  /** Time until the count resets. */
  readonly resetMs: number | undefined;
}

export interface EnhanceHooks {
  /**
   * Called with an output's URL as soon as it is seen, and awaited before reading continues, so that the receipt is
   * written first (P3). Called again when a later picture of the same call replaces the first. If this hook rejects,
   * the call ends with the same error.
   */
  onOutput(url: string, detail?: OutputDetail): Promise<void>;
  /** Called with the provider's progress messages. Never awaited. May be called many times a second. */
  onProgress(progress: { readonly message: string; readonly percent?: number }): void;
  /**
   * Called with the number of picture bytes received so far within the answer. Until a returned promise settles,
   * reading and the call's limits pause. If this hook rejects, the call ends with the same error.
   */
  onPictureBytes?(bytes: number): Promise<void> | undefined;
  /** Called with the rate in the provider's answer, if any. Never awaited. */
  onLimits?(limits: RateLimits): void;
}

/** The limits of one call. */
export interface CallLimits {
  /** Limit of the whole call, from the request to the last byte. */
  readonly deadlineMs: number;
  /** Maximum silence during the call. */
  readonly idleMs: number;
  /** Aborted by a shutdown or a user. */
  readonly signal: AbortSignal;
}

interface Answer {
  /** A message for the user. Contains no key and no URL. */
  readonly message: string;
}

/** The outcome of a call. A closed union: switches over it must end in `never`. */
export type EnhanceAnswer =
  /** The paid picture is at `url`. */
  | (OutputDetail & {
      readonly kind: "output";
      readonly url: string;
      /**
       * True if the end of the answer was not seen. The provider may have made a newer picture, which its memory has.
       */
      readonly unfinished?: true;
    })
  /** The answer contains the paid pictures, which are stored nowhere else. The first is the main picture. */
  | (Pick<OutputDetail, "knownSubjects" | "model"> & {
      readonly kind: "pictures";
      readonly pictures: readonly Uint8Array[];
    })
  /**
   * The provider could not fetch the picture by its link, so it made and billed nothing. The link's store is at fault
   * and may recover, so this costs no attempt.
   */
  | (Answer & { readonly kind: "link_unreached" })
  /** A permanent refusal. Costs the attempt and is never retried. */
  | (Answer & { readonly kind: "refused"; readonly code: OutcomeCode; readonly billed: Billed })
  /**
   * A temporary failure. `sent` is false only if the request certainly did not arrive. Otherwise the provider's memory
   * is queried before anything is paid again.
   */
  | (Answer & {
      readonly kind: "failed";
      readonly code: "timeout" | "provider_error" | "no_output";
      readonly sent: boolean;
      readonly billed: Billed;
      /** A server that currently accepts no requests answered at once (HTTP 503). Defaults to false. */
      readonly declined?: true;
      /** No connection could be made, so the portrait is not the cause. Defaults to false. */
      readonly unreached?: true;
      readonly retryAfterMs?: number;
    })
  /** The account is currently unusable. Costs no attempt (P7). */
  | (Answer & { readonly kind: "blocked"; readonly reason: "auth" | "balance" })
  /**
   * A rate or concurrency limit. Costs no attempt. A concurrency limit clears as calls end, a rate limit with time. An
   * absent cause means the rate.
   */
  | (Answer & { readonly kind: "throttled"; readonly retryAfterMs: number; readonly cause?: "rate" | "concurrency" })
  /** An earlier request is still running in this session. The new request was not billed. */
  | (Answer & { readonly kind: "busy" })
  /** The session is gone. A new session must start from the last good output. */
  | (Answer & { readonly kind: "session_lost" })
  /** The agent asks a question. */
  | (Answer & { readonly kind: "clarification"; readonly question: string; readonly options: readonly string[] })
  /** Aborted by the caller's signal. `sent` as above. */
  | (Answer & { readonly kind: "aborted"; readonly sent: boolean });

/** The provider's memory of a session, with regard to one call. */
export type RecallAnswer =
  /** The call was answered. `url` is its newest picture. */
  | { readonly kind: "found"; readonly url: string }
  /** The call ended without a picture, so the call should be made and paid again. */
  | {
      readonly kind: "finished_without_output";
      /** Number of exchanges in the session so far. The next call is searched after them. */
      readonly exchanges: number;
    }
  /** No trace of the call, which never arrived or is still running. */
  | { readonly kind: "nothing_yet" }
  /** This provider has no memory, or has lost this session. */
  | { readonly kind: "unknown" }
  | (Answer & { readonly kind: "blocked"; readonly reason: "auth" | "balance" })
  /** The memory could not be queried. */
  | (Answer & {
      readonly kind: "unavailable";
      readonly retryAfterMs?: number;
      /** No connection could be made. Defaults to false. */
      readonly unreached?: true;
    });

export interface RecallRequest {
  readonly sessionId: string;
  /** The prompt of the call to find. Of several calls with this text, the newest counts. */
  readonly prompt: string;
  /**
   * Number of exchanges of this session that are known to be over, so that an earlier attempt is not mistaken for this
   * one.
   */
  readonly exchangesBefore: number;
  /**
   * Possible answers to a question that the agent asked about this call. Their exchanges belong to the call. Defaults
   * to none.
   */
  readonly answers?: readonly string[];
}

/** An account's answer to a free request. */
export interface Health {
  readonly ok: boolean;
  /** No connection could be made. Defaults to false. */
  readonly unreached?: true;
  readonly message: string;
}

/** A provider account as seen by the worker. Each provider has one adapter package. */
export interface Provider {
  readonly name: ProviderName;
  readonly accepts: AcceptedInput;
  /** True if {@link recall} can determine the result of a lost call. Otherwise a lost call is `maybe_billed`. */
  readonly remembers: boolean;
  /** How pictures arrive: as links, or within the answer. For the latter, memory must be reserved before the call. */
  readonly answersWith: "links" | "pictures";
  enhance(request: EnhanceRequest, hooks: EnhanceHooks, limits: CallLimits): Promise<EnhanceAnswer>;
  recall(request: RecallRequest, signal: AbortSignal): Promise<RecallAnswer>;
  /** Uploads a picture to storage from which the provider can fetch it. Free. Absent for a provider without storage. */
  upload?(request: UploadRequest, signal: AbortSignal): Promise<UploadAnswer>;
  /** Deletes the provider's data of a session (P8). Never throws. Returns whether the deletion succeeded. */
  forget(sessionId: string, signal: AbortSignal): Promise<boolean>;
  /** Checks with a cheap, free request that the account is usable. */
  health(signal: AbortSignal): Promise<Health>;
  close(): Promise<void>;
}
