export * from "./gate.ts";
export * from "./lane.ts";
export * from "./lane-worker.ts";
export * from "./left-sessions.ts";
