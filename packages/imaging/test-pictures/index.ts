export * from "./awkward-pictures.ts";
export * from "./picture-bytes.ts";
