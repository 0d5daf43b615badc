export * from "./accept-batch.ts";
export { checkDestinationBounds, isCoveredStore } from "./check-bounds.ts";
export {
  checkSubmission,
  checkTemplate,
  destinationUrlOf,
  type LaneNames,
  type UploadedManifest,
} from "./check-submission.ts";
export { controlOf, checkBudget } from "./control-of.ts";
export { inTurns } from "./in-turns.ts";
export { manifestFormat } from "./manifest-format.ts";
export { orderOf } from "./order-of.ts";
export { checkResultsApart, ownResults, resultsUrlOf } from "./own-results.ts";
export type { LookInside } from "./sample-photos.ts";
export { wholeStoreUrl } from "./whole-store-url.ts";
export { quoteBatch } from "./quote-batch.ts";
export { quoteSubmission, type LaneLimits, type QuoteDependencies } from "./quote.ts";
