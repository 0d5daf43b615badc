import { readFile } from "node:fs/promises";
import sharp, { type Sharp } from "sharp";
import { describe, expect, it } from "vitest";
import { parsePictureStats, pictureStatsText, type PictureStats } from "@darkroom/core";
import { pictureStats } from "./picture-stats.ts";

const photo = await readFile(new URL("../../../examples/photos/astronaut.png", import.meta.url));
const portrait = (): Sharp => sharp(photo).extract({ left: 40, top: 0, width: 336, height: 420 }).removeAlpha();
const measured = async (picture: Sharp): Promise<PictureStats> =>
  await pictureStats(await picture.jpeg({ quality: 95 }).toBuffer());
const plain = (background: { r: number; g: number; b: number }): Sharp =>
  sharp({ create: { width: 200, height: 300, channels: 3, background } });
const usual = await measured(portrait());

describe("the statistics of a picture", () => {
  it("describe middle grey as neutral, flat and as bright as middle grey", async () => {
    // 0.18 of linear light is level 118 in sRGB.
    const stats = await pictureStats(await plain({ r: 118, g: 118, b: 118 }).png().toBuffer());
    expect(stats.exposureEv).toBeCloseTo(0, 1);
    expect(stats).toMatchObject({ warmthEv: 0, tintEv: 0, contrast: 0 });
    expect(stats.background).toBeCloseTo(0.496, 2);
  });

  it("measure half the light as one stop", async () => {
    // 188, 137 and 99 are one half, one quarter and one eighth of white's light.
    const [half, quarter, eighth] = await Promise.all(
      [188, 137, 99].map(async (level) => (await measured(plain({ r: level, g: level, b: level }))).exposureEv),
    );
    expect((half ?? 0) - (quarter ?? 0)).toBeCloseTo(1, 1);
    expect((quarter ?? 0) - (eighth ?? 0)).toBeCloseTo(1, 1);
  });

  it.each<[string, (of: Sharp) => Sharp, keyof PictureStats, -1 | 1]>([
    ["less light", (of) => of.linear(0.6, 0), "exposureEv", -1],
    ["more light", (of) => of.linear(1.3, 0), "exposureEv", 1],
    ["a warm light", (of) => of.linear([1.15, 1, 0.75], [0, 0, 0]), "warmthEv", 1],
    ["a cool light", (of) => of.linear([0.8, 1, 1.2], [0, 0, 0]), "warmthEv", -1],
    ["a green light", (of) => of.linear([0.85, 1.05, 0.85], [0, 0, 0]), "tintEv", -1],
    ["a flat light", (of) => of.linear(0.5, 70), "contrast", -1],
    ["a lens out of focus", (of) => of.blur(4), "sharpness", -1],
  ])("change with %s, each in its own measure", async (_, edit, measure, side) => {
    const edited = await measured(edit(portrait()));
    expect(((edited[measure] ?? 0) - (usual[measure] ?? 0)) * side).toBeGreaterThan(
      measure === "contrast" ? 0.05 : 0.2,
    );
  });

  it("take the background from the upper corners only", async () => {
    const corners = Buffer.from(
      '<svg width="336" height="420"><path d="M0 0h67v146h-67zM269 0h67v146h-67z" fill="#fff"/></svg>',
    );
    const lit = await measured(portrait().composite([{ input: corners }]));
    expect(lit.background).toBeGreaterThan(0.98);
    expect(Math.abs(lit.exposureEv - usual.exposureEv)).toBeLessThan(0.25);
    expect(usual.background).toBeLessThan(0.9);
  });

  it("do not depend on size, format or camera orientation", async () => {
    const large = await measured(portrait().resize({ width: 1_344, kernel: "cubic" }));
    const png = await pictureStats(await portrait().png().toBuffer());
    const turned = await pictureStats(
      await sharp(await portrait().png().toBuffer())
        .rotate(270)
        .withMetadata({ orientation: 6 })
        .jpeg({ quality: 95 })
        .toBuffer(),
    );
    for (const other of [large, png, turned]) {
      expect(other.exposureEv).toBeCloseTo(usual.exposureEv, 1);
      expect(other.warmthEv).toBeCloseTo(usual.warmthEv, 1);
      expect(other.tintEv).toBeCloseTo(usual.tintEv, 1);
      expect(other.contrast).toBeCloseTo(usual.contrast, 1);
      expect(Math.abs(other.sharpness - usual.sharpness)).toBeLessThan(0.5);
      expect(other.background).toBeCloseTo(usual.background, 1);
    }
  });

  it("are the same for the same bytes, and survive a result's metadata", async () => {
    const bytes = await portrait().jpeg().toBuffer();
    const stats = await pictureStats(bytes);
    expect(await pictureStats(bytes)).toEqual(stats);
    expect(parsePictureStats(pictureStatsText(stats))).toEqual(stats);
    expect(pictureStatsText(stats).length).toBeLessThan(200);
    for (const broken of [undefined, "", "{", "[]", '{"exposureEv":"dark"}']) {
      expect(parsePictureStats(broken)).toBeUndefined();
    }
  });

  // Results carry these statistics in their metadata, and later batches are compared with them. Faster code must
  // produce the same values.
  it.each<[string, PictureStats]>([
    [
      "photos/astronaut.png",
      {
        exposureEv: 0.7123,
        warmthEv: 0.7855,
        tintEv: 0.2873,
        contrast: 0.2932,
        sharpness: -0.6206,
        background: 0.5112,
      },
    ],
    [
      "photos/camera.png",
      { exposureEv: 0.7351, warmthEv: 0, tintEv: 0, contrast: 0.3069, sharpness: -0.8016, background: 0.7987 },
    ],
    [
      "photos/grace_hopper.jpg",
      { exposureEv: 0.0553, warmthEv: 0.5159, tintEv: 0.4595, contrast: 0.2899, sharpness: -0.2918, background: 0.358 },
    ],
    [
      "team/design/portrait-02.jpg",
      { exposureEv: 0.1887, warmthEv: 1.1453, tintEv: 0.45, contrast: 0.2656, sharpness: -0.2518, background: 0.2903 },
    ],
    [
      "team/sales/portrait-03.jpg",
      { exposureEv: 0.23, warmthEv: 0.2656, tintEv: -0.03, contrast: 0.312, sharpness: -1.2943, background: 0.7814 },
    ],
  ])("of %s have the recorded values", async (name, stats) => {
    const bytes = await readFile(new URL(name, new URL("../../../examples/", import.meta.url)));
    expect(await pictureStats(bytes)).toEqual(stats);
  });

  it.each(["b-w", "cmyk"] as const)("are measured for a %s picture, too", async (space) => {
    const stats = await measured(portrait().toColourspace(space));
    expect(stats.exposureEv).toBeCloseTo(usual.exposureEv, 0);
    if (space === "b-w") expect(stats).toMatchObject({ warmthEv: 0, tintEv: 0 });
  });

  it("are finite for black, white and a single pixel", async () => {
    const pixel = sharp({ create: { width: 1, height: 1, channels: 4, background: "#0000" } });
    for (const picture of [plain({ r: 0, g: 0, b: 0 }), plain({ r: 255, g: 255, b: 255 }), pixel]) {
      const stats = await pictureStats(await picture.png().toBuffer());
      expect(Object.values(stats).filter((value) => !Number.isFinite(value))).toEqual([]);
    }
  });

  it("reject a file that is not a picture", async () => {
    await expect(pictureStats(Buffer.from("<html>"))).rejects.toThrow(/unsupported image format/);
  });
});
