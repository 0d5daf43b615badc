import sharp from "sharp";

/** A picture with more pixels is rejected as a decompression bomb. */
export const MOST_PIXELS = 200_000_000;

// A worker processes portraits in parallel, so more threads per picture would only compete.
sharp.concurrency(1);
