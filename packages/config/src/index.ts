export { isTwinLane, twinLaneOf } from "@darkroom/core";
export * from "./catalogue.ts";
export { isPaidAddress } from "./paid-or-twin.ts";
export * from "./plans.ts";
export * from "./read-environment.ts";
export * from "./read-settings.ts";
export * from "./settings.ts";
export { unknownVariables } from "./unknown-variables.ts";
