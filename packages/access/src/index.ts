export type { CallQuota } from "./call-quota.ts";
export * from "./judge-key.ts";
export * from "./key-limits.ts";
export * from "./key-record.ts";
export * from "./key-store.ts";
export * from "./key-text.ts";
export * from "./scopes.ts";
export * from "./session-store.ts";
