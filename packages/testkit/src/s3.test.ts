import { createS3Bucket } from "@darkroom/storage/s3-bucket";
import { afterEach, beforeEach, expect, test } from "vitest";
import { S3_VARIABLE } from "./environment.ts";
import { testBucket, testS3 } from "./s3.ts";

let left: string | undefined;

beforeEach(() => {
  left = process.env[S3_VARIABLE];
});

afterEach(() => {
  if (left !== undefined) process.env[S3_VARIABLE] = left;
});

test("the test run's S3 server accepts our keys and has the bucket", async () => {
  const s3 = testS3();
  await expect(createS3Bucket(s3, testBucket())).resolves.toBeUndefined();
  await expect(createS3Bucket({ ...s3, secretAccessKey: "wrong" }, testBucket())).rejects.toMatchObject({
    code: "invalid_settings",
  });
});

test("without an S3 server, a test that needs one fails and says why", () => {
  process.env[S3_VARIABLE] = "a person turned it off";
  expect(() => testS3()).toThrow("This test needs an S3 server, and there is none: a person turned it off");
});
