export * from "./lane-metrics.ts";
export * from "./logger.ts";
export * from "./metrics.ts";
