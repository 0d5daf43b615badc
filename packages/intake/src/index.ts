export * from "./accept-batch.ts";
export { checkSubmission, type LaneNames, type UploadedManifest } from "./check-submission.ts";
export { controlOf, checkBudget } from "./control-of.ts";
export { manifestFormat } from "./manifest-format.ts";
export { orderOf } from "./order-of.ts";
export { checkResultsApart, ownResults, resultsUrlOf } from "./own-results.ts";
export type { LookInside } from "./sample-photos.ts";
export { quoteBatch } from "./quote-batch.ts";
export { quoteSubmission, type LaneLimits, type QuoteDependencies } from "./quote.ts";
