import type { Quote } from "@darkroom/core";

/** Of 200 photos with which nothing is wrong. */
export const PLAIN_QUOTE: Quote = {
  provider: "each-sense",
  lane: "each-sense",
  destination: "s3://studio/out/",
  rows: 200,
  goodRows: 200,
  badRows: 0,
  firstBadRows: [],
  destinationCollisions: 0,
  duplicates: 0,
  duplicatesBy: "content",
  duplicateExamples: [],
  carriedColumns: [],
  leftOut: [],
  emptyReason: null,
  sample: {
    looked: 50,
    missing: 0,
    missingExamples: [],
    unreadable: 0,
    unreadableExamples: [],
    refused: 0,
    refusedExamples: [],
    sameContent: 0,
    alreadyDelivered: 0,
    ontoItself: 0,
  },
  cost: { usd: 10, message: null, parts: [{ mode: "eco", portraits: 200, turns: 200, usd: 10 }] },
  time: { minSeconds: 100, maxSeconds: 6_000, message: null, concurrency: 10, ratePerMinute: null },
  warnings: [],
};
