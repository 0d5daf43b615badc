import type { ObjectStore, Order, PortraitRow, Recipe, StepPrices, WantedPicture } from "@darkroom/core";
import type { Probe } from "@darkroom/imaging";
import type { EnhanceRequest } from "@darkroom/provider-kit";
import type { HeadDigest } from "./head-digest.ts";

/** A photo as a provider receives it. */
export type Offer = Pick<EnhanceRequest, "imageUrl" | "imageBytes">;

/** The findings of `prepare` about a portrait. */
export interface Prepared {
  readonly row: PortraitRow;
  readonly recipe: Recipe;
  readonly fingerprint: string;
  /** The photo and owner of the order. */
  readonly order: Order;
  /** The ordered fingerprint (see {@link RESULT_METADATA}); undefined when it equals `fingerprint`. */
  readonly ordered: string | undefined;
  /** The expected main picture, compared with the object at its key. */
  readonly wanted: WantedPicture;
  /** Prices of the lane's provider. */
  readonly stepPricesUsd: StepPrices;
  readonly destination: ObjectStore;
  /** True when the main picture is stored but linked variations are not. */
  readonly isStored: boolean;
  /** The photo as sent; undefined when the source is gone but the portrait is paid for. */
  readonly source:
    | {
        readonly probe: Probe & { kind: "picture" };
        readonly head: HeadDigest;
        readonly sizeBytes: number;
        /** The provider receives a converted file: upright, sRGB, perhaps smaller. */
        readonly isConverted: boolean;
      }
    | undefined;
  /** Makes the photo available for one call, usually through a new link. */
  readonly image: () => Promise<Offer>;
}
