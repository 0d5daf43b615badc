import sharp from "sharp";
import { expect, test } from "vitest";
import { encodeThumbnail, previewOf, PREVIEW_PX, thumbnailOf, THUMBNAIL_PX } from "./thumbnail.ts";

test("a thumbnail has the proportions of its picture", async () => {
  const picture = await sharp({ create: { width: 900, height: 1_200, channels: 3, background: "#a04020" } })
    .png()
    .toBuffer();
  const small = await encodeThumbnail(await thumbnailOf(picture), { width: 900, height: 1_200 });
  const { format, width, height } = await sharp(small).metadata();
  expect({ format, width, height }).toEqual({ format: "jpeg", width: 192, height: THUMBNAIL_PX });
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

test("a preview is at most as large as its picture, and never transparent", async () => {
  const made = (width: number, height: number) =>
    sharp({ create: { width, height, channels: 4, background: "#ffffff00" } })
      .png()
      .toBuffer();
  const seen = async (picture: Buffer) => {
    const { format, width, height, channels } = await sharp(await previewOf(picture)).metadata();
    return [format, width, height, channels];
  };
  expect(await seen(await made(3_000, 1_500))).toEqual(["jpeg", PREVIEW_PX, PREVIEW_PX / 2, 3]);
  expect(await seen(await made(40, 30))).toEqual(["jpeg", 40, 30, 3]);
});
