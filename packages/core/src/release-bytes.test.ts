import { expect, test } from "vitest";
import { releaseBytes } from "./release-bytes.ts";

test("empties a buffer that has its memory to itself", () => {
  const buffer = Buffer.alloc(100_000, "#");
  releaseBytes(buffer);
  expect(buffer).toHaveLength(0);
});

test("leaves a buffer alone that shares its memory", () => {
  const whole = Buffer.alloc(100_000, "#");
  const part = whole.subarray(1);
  releaseBytes(part);
  expect(part).toHaveLength(99_999);
  expect(whole.toString()).toBe("#".repeat(100_000));
  const shared = new Uint8Array(new SharedArrayBuffer(10));
  releaseBytes(shared);
  expect(shared).toHaveLength(10);
});
