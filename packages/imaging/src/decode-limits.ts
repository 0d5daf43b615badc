import sharp from "sharp";

/** A picture of more pixels than this is taken for a decompression bomb. */
export const MOST_PIXELS = 200_000_000;

// A worker's parallelism is its portraits; more threads for one picture would only get in their way.
sharp.concurrency(1);
