import type * as api from "@darkroom/client";
import type { Answer, Frozen } from "@darkroom/client";
import type { BatchStatus, FeedEvent, Quote } from "@darkroom/core";

// What the API answers, as its document says. The engine's own views of batches and quotes are core's.

export type { BatchStatus, Quote };

/** The choices of a recipe. */
export type Presets = Answer<"listPresets">;

export interface BatchPage {
  readonly batches: readonly BatchStatus[];
  readonly nextCursor: string | null;
}

/** What a client sees of a batch. */
export type Gallery = Frozen<api.Gallery>;
/** A link by which a client opens a batch. */
export type ClientLink = Frozen<api.Link>;
/** Its `path` on this server has the link's secret. */
export type IssuedLink = Frozen<api.IssuedLink>;

export type Portrait = Frozen<api.Portrait>;
/** What people have decided about a result. */
export type PortraitReview = NonNullable<Portrait["review"]>;
/** A decision of any person about results, as the batch's events report it. */
export type ReviewedEvent = Extract<FeedEvent, { readonly type: "batch.reviewed" }>["data"];
/** The response to a decision. */
export type Reviewed = Answer<"reviewPortraits">;
/** How consistent a batch's portraits are. */
export type Consistency = Answer<"getConsistency">;
/** What one request of a hand-over did. */
export type Delivered = Answer<"deliverApproved">;
