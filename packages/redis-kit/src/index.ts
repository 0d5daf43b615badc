export * from "./close-within.ts";
export * from "./connect.ts";
export * from "./lease.ts";
export * from "./redis-address.ts";
export * from "./refusal.ts";
export * from "./script.ts";
export * from "./suitability.ts";
export * from "./server-clock.ts";
