export * from "./connect.ts";
export * from "./lease.ts";
export * from "./script.ts";
export * from "./suitability.ts";
