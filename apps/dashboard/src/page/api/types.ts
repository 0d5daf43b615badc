import type * as api from "@darkroom/client";
import type { Answer, Frozen } from "@darkroom/client";
import type { BatchStatus, FeedEvent, Quote } from "@darkroom/core";

// The API's responses, as in its OpenAPI document. The engine's own views of batches and quotes are core's.

export type { BatchStatus, Quote };

/** The choices of a recipe. */
export type Presets = Answer<"listPresets">;

export interface BatchPage {
  readonly batches: readonly BatchStatus[];
  readonly nextCursor: string | null;
}

/** A client's view of a batch. */
export type Gallery = Frozen<api.Gallery>;
/** A link by which a client opens a batch. */
export type ClientLink = Frozen<api.Link>;
/** Its `path` on this server has the link's secret. */
export type IssuedLink = Frozen<api.IssuedLink>;

export type Portrait = Frozen<api.Portrait>;
/** The decision about a result. */
export type PortraitReview = NonNullable<Portrait["review"]>;
/** A user's decision about results, as reported by the batch's events. */
export type ReviewedEvent = Extract<FeedEvent, { readonly type: "batch.reviewed" }>["data"];
/** The response to a decision. */
export type Reviewed = Answer<"reviewPortraits">;
/** The consistency of a batch's portraits. */
export type Consistency = Answer<"getConsistency">;
/** The result of one delivery request. */
export type Delivered = Answer<"deliverApproved">;
