export * from "./delivery-log.ts";
export * from "./judge-attempt.ts";
export * from "./message.ts";
export * from "./webhook-queue.ts";
export * from "./webhook-record.ts";
export * from "./webhook-store.ts";
