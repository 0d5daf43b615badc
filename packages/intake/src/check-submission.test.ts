import { Readable } from "node:stream";
import { expect, test } from "vitest";
import { newBatchId } from "@darkroom/core";
import { splitObjectUrl } from "@darkroom/storage";
import { destinationUrlOf, sentSource } from "./check-submission.ts";

test("a destination with a placeholder names no folder", () => {
  const open = () => {
    throw new Error("not opened");
  };
  expect(() => destinationUrlOf("s3://bucket/{date}/", open)).toThrow(/The destination uses \{date\}.*schedule/);
});

test.each(["s3://bucket/", "s3://bucket/my 100% team/é#1/", "file:///my%20team/50%25/"])(
  "an uploaded manifest is stored at the destination and found again under %s",
  (destination) => {
    const id = newBatchId();
    const { url } = sentSource({ kind: "sent", format: "csv", body: Readable.from([]) }, destination, id);
    const { storeUrl, key } = splitObjectUrl(url);
    expect(storeUrl).toBe(`${destination}_darkroom/${id}/`);
    expect(key).toBe("manifest.csv");
  },
);
