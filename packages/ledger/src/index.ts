export * from "./batch-record.ts";
export * from "./bus.ts";
export * from "./keys.ts";
export * from "./ledger.ts";
export * from "./presence.ts";
export * from "./receipt.ts";
export * from "./batch-status.ts";
export * from "./schedules.ts";
