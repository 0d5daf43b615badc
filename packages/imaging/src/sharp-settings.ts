import sharp from "sharp";

// A worker's parallelism is its portraits; more threads for one picture would only get in their way.
sharp.concurrency(1);
// No picture is opened twice: what libvips keeps of earlier ones is memory that nobody asks for again.
sharp.cache(false);
