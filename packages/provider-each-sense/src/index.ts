export { createEachSense, EACH_SENSE_ACCEPTS, type EachSenseOptions } from "./each-sense.ts";
export { DEFAULT_BASE_URLS, DIALECTS, type Dialect } from "./dialect.ts";
export type { RateLimits } from "@darkroom/provider-kit";
export { DEFAULT_STORAGE_URL } from "./storage.ts";
