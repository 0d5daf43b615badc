import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { TextBody } from "./text-body.ts";

test("yields a text once, with its size in bytes instead of characters", async () => {
  const body = new TextBody('{"message":"Grüße 📷"}');
  expect(body.sizeBytes).toBe(Buffer.byteLength('{"message":"Grüße 📷"}'));
  expect(await text(body)).toBe('{"message":"Grüße 📷"}');
  await expect(text(body)).rejects.toThrow("was already sent");
});
