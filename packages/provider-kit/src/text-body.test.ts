import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { TextBody } from "./text-body.ts";

test("a text is given once, and its size counts bytes and not characters", async () => {
  const body = new TextBody('{"message":"Grüße 📷"}');
  expect(body.sizeBytes).toBe(Buffer.byteLength('{"message":"Grüße 📷"}'));
  expect(await text(body)).toBe('{"message":"Grüße 📷"}');
  await expect(text(body)).rejects.toThrow("has been sent before");
});
