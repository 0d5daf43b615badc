import sharp from "sharp";

// A worker processes portraits in parallel, so more threads per picture would only compete.
sharp.concurrency(1);
// No picture is opened twice, so libvips's cache would only waste memory.
sharp.cache(false);
