export * from "./recording.ts";
export * from "./scenes.ts";
export * from "./stage.ts";
export * from "./suite.ts";
