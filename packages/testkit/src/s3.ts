import { DarkroomError } from "@darkroom/core";
import { environmentValue, S3_VARIABLE } from "./environment.ts";

/** Connection settings of this test run's S3 server. */
export interface TestS3 {
  readonly endpoint: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly forcePathStyle: true;
}

/**
 * Returns the S3 server of this test run.
 *
 * @throws DarkroomError `storage_unavailable` without one: a test that needs the server fails instead of being skipped
 */
export function testS3(): TestS3 {
  const left = environmentValue(S3_VARIABLE) ?? "run the tests with vitest, which brings one";
  if (!left.startsWith("{")) {
    throw new DarkroomError("storage_unavailable", `This test needs an S3 server, and there is none: ${left}`);
  }
  return JSON.parse(left) as TestS3;
}

/** Returns a bucket that exists. All tests share it: write only under your own prefix. */
export function testBucket(): string {
  return "darkroom-test";
}
