import { afterEach, expect, it } from "vitest";
import { testBucket, testS3 } from "@darkroom/testkit";
import { runCommand } from "../src/test-kit/test-command.ts";
import { startRefusingFront, type RefusingFront } from "@darkroom/testkit";

let front: RefusingFront;
afterEach(async () => await front.close());

async function doctor(...args: readonly string[]) {
  const { accessKeyId, secretAccessKey, region } = testS3();
  const env = {
    AWS_ENDPOINT_URL_S3: front.url,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_REGION: region,
  };
  const place = `s3://${testBucket()}/doctor/`;
  const { out } = await runCommand(["doctor", place, ...args, "--json"], { cwd: process.cwd(), env });
  const { checks } = JSON.parse(out) as { checks: { name: string; result: string; message: string }[] };
  return checks.filter(({ name }) => name === "store").map(({ result, message }) => `${result}: ${message}`);
}

it("reports that a bucket can be listed but not written", async () => {
  front = await startRefusingFront(testS3().endpoint);
  front.refuse(403, "PUT");
  const [read, write] = await doctor();
  expect(read).toMatch(/^ok: .*can be listed/);
  expect(write).toMatch(/^failed: .*cannot be written, so it can only be a source/);
  expect(await doctor("--source")).toEqual([expect.stringMatching(/^warning: .*can be listed; it is empty/)]);
});

it("reports that nothing can be deleted, and names the file that it left", async () => {
  front = await startRefusingFront(testS3().endpoint);
  front.refuse(403, "DELETE");
  const [, write] = await doctor();
  expect(write).toMatch(/^warning: .*nothing can be deleted there.*Delete darkroom-doctor-[0-9a-f-]+\.txt yourself/s);
});

it("leaves nothing in a bucket that accepts writes and deletes", async () => {
  front = await startRefusingFront(testS3().endpoint);
  const before = await doctor("--source");
  const [, write] = await doctor();
  expect(write).toMatch(/^ok: .*can be written/);
  expect(await doctor("--source")).toEqual(before);
});
