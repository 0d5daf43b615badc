export * from "./control-file.ts";
export * from "./csv-text.ts";
export * from "./final-places.ts";
export * from "./outcome-buckets.ts";
export * from "./questions.ts";
export * from "./reconcile.ts";
export * from "./recover.ts";
export * from "./review-log.ts";
