// Creates a bucket of the local stack: node infra/docker/create-bucket.mjs photos
// The store is configured by the same variables as for the apps. Retries while the store is starting.
import { setTimeout as sleep } from "node:timers/promises";
import { readEngineSettings } from "../../packages/config/src/index.ts";
import { createS3Bucket } from "../../packages/storage/src/s3-bucket.ts";

const START_TIMEOUT_MS = 120_000;
const RETRY_EVERY_MS = 1_000;

const [bucket] = process.argv.slice(2);

try {
  if (bucket === undefined) throw new Error("Name the bucket: create-bucket.mjs photos");
  await createWhenUp(readEngineSettings(process.env).s3, bucket);
  console.log(`The bucket ${bucket} is there.`);
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}

async function createWhenUp(s3, name) {
  const end = performance.now() + START_TIMEOUT_MS;
  for (;;) {
    try {
      return await createS3Bucket(s3, name);
    } catch (error) {
      if (error?.code !== "storage_unavailable" || performance.now() >= end) throw error;
      await sleep(RETRY_EVERY_MS);
    }
  }
}
