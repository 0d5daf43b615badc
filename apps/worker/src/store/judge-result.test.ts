import sharp from "sharp";
import { expect, test } from "vitest";
import { faultyLook, whoseFault } from "./judge-result.ts";

const picture = (background: string) => sharp({ create: { width: 40, height: 50, channels: 3, background } });
const jpeg = await picture("#a07050").jpeg().toBuffer();
const other = await picture("#507090").jpeg().toBuffer();
const png = await picture("#a07050").png().toBuffer();
const webp = await picture("#a07050").webp().toBuffer();
const page = Buffer.from("<html><body>Try again in a moment.</body></html>");
const half = (bytes: Buffer): Buffer => bytes.subarray(0, bytes.length >> 1);

test.each([
  ["a whole picture, seen for the first time", undefined, jpeg, "look-again"],
  ["the same whole picture again", jpeg, jpeg, "provider"],
  ["a whole PNG again", png, png, "provider"],
  ["a whole WebP again", webp, webp, "provider"],
  ["another whole picture than before", other, jpeg, "look-again"],
  ["a whole picture after a web page", page, jpeg, "look-again"],
  ["an empty file again", Buffer.alloc(0), Buffer.alloc(0), "look-again"],
  ["the same web page again", page, page, "look-again"],
  ["the same half JPEG again", half(jpeg), half(jpeg), "look-again"],
  ["the same half PNG again", half(png), half(png), "look-again"],
  ["the same half WebP again", half(webp), half(webp), "look-again"],
])("%s", (_, before, now, fault) => {
  const known = before === undefined ? undefined : faultyLook(before).digest;
  expect(whoseFault(known, faultyLook(now))).toBe(fault);
});

test.each([
  ["a whole picture", jpeg, "provider"],
  ["half of one", half(jpeg), "look-again"],
])("the source returned as %s", (_, now, fault) => {
  expect(whoseFault(undefined, { ...faultyLook(now), showsSource: true })).toBe(fault);
});
