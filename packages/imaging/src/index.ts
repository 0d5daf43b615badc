export * from "./check-against.ts";
export * from "./contact-sheet.ts";
export { cutDelivery, type Cut } from "./cut-delivery.ts";
export * from "./finish-result.ts";
export * from "./look-at-source.ts";
export * from "./picture-stats.ts";
export * from "./probe-picture.ts";
export * from "./sniff-content.ts";
export type { ResultFormat } from "./with-metadata.ts";
