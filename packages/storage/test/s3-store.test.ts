import { objectStoreSuite } from "./object-store-suite.ts";
import { startS3 } from "./s3-harness.ts";

objectStoreSuite("S3", startS3);
