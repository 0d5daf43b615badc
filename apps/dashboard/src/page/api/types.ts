import type { BatchStatus, FeedEvent, OutcomeCode, PortraitState, Quote, ReviewState } from "@darkroom/core";

export type { BatchStatus, Quote };

/** The choices of a recipe. */
export interface Presets {
  readonly presets: readonly { readonly name: string; readonly title: string; readonly outcome: string }[];
  readonly providers: readonly string[];
}

export interface BatchPage {
  readonly batches: readonly BatchStatus[];
  readonly nextBefore: string | null;
}

/** What a client sees of a batch. */
export interface Gallery extends Pick<BatchStatus, "id" | "name" | "state" | "cancelling" | "counts" | "review"> {
  readonly mayReview: boolean;
  readonly expiresAt: string | null;
}

/** A link by which a client opens a batch. */
export interface ClientLink {
  readonly id: string;
  readonly name: string;
  readonly review: boolean;
  readonly downloads: boolean;
  readonly state: "active" | "expired" | "revoked";
  readonly expiresAt: string | null;
  readonly lastUsedAt: string | null;
}

export interface IssuedLink extends ClientLink {
  /** Path on this server with the link's secret. */
  readonly path: string;
}

/** The outcome of a portrait, as returned by the API. */
interface PortraitOutcome {
  readonly code: OutcomeCode;
  readonly message: string;
  readonly retryable: boolean;
  readonly billed: "no" | "yes" | "maybe" | null;
  readonly attempts: number | null;
  readonly costUsd: number | null;
  readonly at: string | null;
}

/** What people have decided about a result. */
export interface PortraitReview {
  readonly state: ReviewState;
  readonly by: string | null;
  readonly at: string | null;
  readonly note: string | null;
}

/** A decision of any person about results, as the batch's events report it. */
export type ReviewedEvent = Extract<FeedEvent, { readonly type: "batch.reviewed" }>["data"];

/** The response to a decision. */
export interface Reviewed {
  readonly recorded: number;
  /** The last line of the review log that it added. */
  readonly line: number | null;
}

export interface Portrait {
  readonly index: number;
  readonly id: string | null;
  readonly state: PortraitState;
  readonly source: string | null;
  readonly destination: string | null;
  /** Null without a result. */
  readonly review: PortraitReview | null;
  readonly outcome: PortraitOutcome | null;
}
