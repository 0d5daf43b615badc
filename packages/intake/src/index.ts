export * from "./accept-batch.ts";
