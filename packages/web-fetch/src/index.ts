export * from "./no-connection.ts";
export * from "./outgoing-agent.ts";
export * from "./proxy-settings.ts";
export * from "./read-all.ts";
export * from "./read-through.ts";
export * from "./remote-sources.ts";
export * from "./result-downloads.ts";
export * from "./retry-after.ts";
export { USER_AGENT } from "./user-agent.ts";
