import sharp, { type Sharp } from "sharp";
import { expect, test } from "vitest";
import { finishResult, lookAtSource, pictureStats, type FinishedResult } from "./index.ts";
import { portrait, retouched } from "./test-portrait.ts";

async function finished(picture: Sharp, wishedFormat: "jpeg" | "png" = "png"): Promise<FinishedResult & { ok: true }> {
  const result = await finishResult({ resultBytes: await picture.toBuffer(), wishedFormat, measure: true });
  if (!result.ok) throw new Error(result.message);
  return result;
}

test.each<[string, () => Sharp]>([
  ["in colour", () => retouched().png()],
  ["grey", () => retouched().greyscale().png()],
  ["with transparency", () => retouched().ensureAlpha(0.6).png()],
  ["with a profile of its own", () => retouched().withIccProfile("p3").png()],
  ["small", () => retouched().resize(96, 128).png()],
  ["as JPEG", () => retouched().jpeg()],
  ["as progressive JPEG", () => retouched().jpeg({ progressive: true })],
  ["as WebP", () => retouched().webp()],
  ["with few colours", () => retouched().png({ palette: true, colours: 16 })],
])("measures a result, %s, from the decoding that its checks use", async (_, make) => {
  const source = await lookAtSource(await sharp(portrait).png().toBuffer());
  if (source === undefined) throw new Error("the source cannot be read");
  const resultBytes = await make().toBuffer();
  const { format } = await sharp(resultBytes).metadata();
  if (format !== "png" && format !== "jpeg" && format !== "webp") throw new Error(`unexpected ${format}`);
  const request = { resultBytes, source, wishedFormat: format, leastShare: 0.1 } as const;
  const [once, twice] = [await finishResult({ ...request, measure: true }), await finishResult(request)];
  if (!once.ok || !twice.ok) throw new Error("it is not finished");
  const { stats, ...rest } = once;
  expect(rest).toEqual(twice);
  expect(rest.distance).toBeGreaterThan(0);
  expect(stats).toEqual(await pictureStats(once.bytes));
});

test("measures a PNG before it is stored as JPEG, with nearly the JPEG's result", async () => {
  const { stats, bytes, contentType } = await finished(retouched().png(), "jpeg");
  expect(contentType).toBe("image/jpeg");
  const ofJpeg = await pictureStats(bytes);
  expect(stats).toBeDefined();
  for (const measure of ["exposureEv", "warmthEv", "tintEv", "contrast", "sharpness", "background"] as const) {
    expect(Math.abs((stats?.[measure] ?? 9) - ofJpeg[measure]), measure).toBeLessThan(0.01);
  }
});

test("does not measure a PNG by the colours that it had before it got its source's profile", async () => {
  const vivid = sharp(portrait).modulate({ saturation: 1.6 });
  const source = await lookAtSource(await vivid.clone().withIccProfile("p3").png().toBuffer());
  if (source?.icc === undefined) throw new Error("the source has no profile");
  // Wide-gamut values without the profile that defines them.
  const { data, info } = await sharp(source.bytes, { ignoreIcc: true })
    .linear(1.03, 2)
    .raw()
    .toBuffer({ resolveWithObject: true });
  const resultBytes = await sharp(data, { raw: info }).png().toBuffer();
  const result = await finishResult({ resultBytes, source, wishedFormat: "png", measure: true });
  if (!result.ok) throw new Error(result.message);
  expect((await sharp(result.bytes).metadata()).icc?.equals(source.icc)).toBe(true);
  expect(result.stats).toBeUndefined();
});

test("reports a truncated or broken PNG as corrupt even when it is measured", async () => {
  const whole = await retouched().png().toBuffer();
  const broken = Buffer.from(whole).fill(0xa5, whole.length >> 1, (whole.length >> 1) + 200);
  const cuts = [20, whole.length >> 3, whole.length - 60].map((missing) => whole.subarray(0, whole.length - missing));
  for (const resultBytes of [broken, ...cuts]) {
    const result = await finishResult({ resultBytes, wishedFormat: "png", measure: true });
    expect(result, `${resultBytes.length} of ${whole.length} bytes`).toMatchObject({
      ok: false,
      code: "corrupt_output",
    });
  }
});
