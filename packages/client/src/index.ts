export { ApiProblem } from "./api-problem.ts";
export type { Answer, Sent } from "./bodies.ts";
export { bodyOf, openApi } from "./client.ts";
export type { Frozen } from "./frozen.ts";
export { followFeed } from "./follow-feed.ts";
export { portraitsOf, type PortraitFilter } from "./portraits.ts";
export { readFeed, readSse, type FeedMessage } from "./read-feed.ts";
export type * from "./schema.ts";
