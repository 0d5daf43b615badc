export * from "./check-against.ts";
export * from "./contact-sheet.ts";
export * from "./finish-result.ts";
export * from "./picture-stats.ts";
export * from "./probe-picture.ts";
export * from "./sniff-content.ts";
