import type { Readable } from "node:stream";
import type { BatchSource, ManifestSources, OpenStore, ProviderName, SubmitterBounds } from "@darkroom/core";

/** Provider → lane, for all providers with an account. */
export type LaneNames = Readonly<Partial<Record<ProviderName, string>>>;

/** The configuration that decides whether a submission is acceptable. */
export interface SubmissionRules {
  readonly openStore: OpenStore;
  /** With these, a recipe for a provider without a lane is rejected immediately. */
  readonly lanes: LaneNames;
  /** Lane → provider, for lanes that a submission may choose. */
  readonly laneProviders?: Readonly<Record<string, ProviderName>>;
  /** Locations outside their base folder that the rows of every manifest may reference. Defaults to none. */
  readonly manifestSources?: ManifestSources;
  /** The limits of the submitter's key. Defaults to none. */
  readonly bounds?: SubmitterBounds;
}

/** A manifest sent with the submission instead of stored. */
export interface UploadedManifest {
  readonly format: "csv" | "jsonl";
  readonly body: Readable;
}

/** The location of a submission's rows: in a store, or in the request. */
export type SubmittedRows =
  | { readonly kind: "stored"; readonly source: BatchSource }
  | ({
      readonly kind: "sent";
      readonly baseUrl?: string;
      readonly carry?: readonly string[];
      readonly skipBadRows?: boolean;
      readonly manifestSources?: ManifestSources;
      readonly within?: readonly string[];
    } & UploadedManifest);
