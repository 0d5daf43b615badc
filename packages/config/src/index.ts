export * from "./catalogue.ts";
export * from "./read-environment.ts";
export * from "./settings.ts";
