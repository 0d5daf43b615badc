import sharp from "sharp";
import { looksCut, LAST_BYTES } from "@darkroom/imaging";
import { expect, test } from "vitest";
import { filled, picture } from "./pictures.ts";

test.each([0, 70_000, 300_000])("a photo padded to %i bytes is the same valid picture", async (bytes) => {
  const photo = await picture("source");
  const larger = filled(photo, bytes);
  expect(Math.abs(larger.length - Math.max(bytes, photo.length))).toBeLessThan(4);
  const pixels = (of: Buffer): Promise<Buffer> => sharp(of, { failOn: "warning" }).raw().toBuffer();
  expect((await pixels(larger)).equals(await pixels(photo))).toBe(true);
  expect(looksCut("image/jpeg", larger, larger.subarray(-LAST_BYTES), larger.length)).toBe(false);
});
