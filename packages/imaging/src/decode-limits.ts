import sharp from "sharp";

/** A picture of more pixels counts as a decompression bomb. */
export const MOST_PIXELS = 200_000_000;

// A worker processes portraits in parallel, so more threads per picture would only compete.
sharp.concurrency(1);
