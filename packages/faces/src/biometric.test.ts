import { inspect } from "node:util";
import { serialize } from "node:v8";
import { expect, test } from "vitest";
import { FaceDescription } from "./face-description.ts";
import { FaceLandmarks } from "./face-landmarks.ts";

const numbers = Float32Array.from({ length: 1_024 }, (_, at) => 0.125 + at);
const MARK = "[biometric data, kept in memory only]";

test.each([
  ["a description", new FaceDescription(numbers)],
  ["landmarks", new FaceLandmarks(numbers)],
])("%s cannot be serialised, logged or copied", (_, value) => {
  expect(JSON.stringify({ value })).toBe(JSON.stringify({ value: MARK }));
  expect(JSON.stringify([Object.assign({}, value)])).toBe("[{}]");
  expect(String(value)).toBe(MARK);
  expect(inspect({ value }, { depth: 9, showHidden: true })).toBe(`{ value: ${MARK} }`);
  expect(Object.getOwnPropertyNames(value)).toEqual([]);
  expect(structuredClone(value)).toEqual({});
  // 0.125 as a 32-bit number, in both byte orders.
  const bytes = serialize(value).toString("hex");
  expect(bytes).not.toContain("0000003e");
  expect(bytes).not.toContain("3e000000");
});
