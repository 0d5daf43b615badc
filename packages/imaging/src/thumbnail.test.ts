import sharp from "sharp";
import { expect, test } from "vitest";
import { encodeThumbnail, thumbnailOf, THUMBNAIL_PX } from "./thumbnail.ts";

test("a thumbnail has the proportions of its picture", async () => {
  const picture = await sharp({ create: { width: 900, height: 1_200, channels: 3, background: "#a04020" } })
    .png()
    .toBuffer();
  const small = await encodeThumbnail(await thumbnailOf(picture), { width: 900, height: 1_200 });
  const { format, width, height } = await sharp(small).metadata();
  expect({ format, width, height }).toEqual({ format: "webp", width: 192, height: THUMBNAIL_PX });
  const { channels } = await sharp(small).stats();
  const [red, green, blue] = channels.map(({ mean }) => mean);
  expect(red).toBeCloseTo(160, -1);
  expect(green).toBeCloseTo(64, -1);
  expect(blue).toBeCloseTo(32, -1);
});

test("an extreme shape keeps at least one pixel a side", async () => {
  const strip = await sharp({ create: { width: 4_000, height: 3, channels: 3, background: "#fff" } })
    .png()
    .toBuffer();
  const { width, height } = await sharp(
    await encodeThumbnail(await thumbnailOf(strip), { width: 4_000, height: 3 }),
  ).metadata();
  expect([width, height]).toEqual([THUMBNAIL_PX, 1]);
});
