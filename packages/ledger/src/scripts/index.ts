export * from "./batch-scripts.ts";
export * from "./fallback-script.ts";
export * from "./ingest-scripts.ts";
export * from "./order-script.ts";
export * from "./portrait-scripts.ts";
export * from "./repair-scripts.ts";
export * from "./round-scripts.ts";
export * from "./stall-scripts.ts";
