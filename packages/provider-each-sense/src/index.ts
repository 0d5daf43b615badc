export { createEachSense, EACH_SENSE_ACCEPTS, type EachSenseOptions } from "./each-sense.ts";
export { type Dialect } from "./dialect.ts";
