import { readFile } from "node:fs/promises";
import sharp, { type Sharp } from "sharp";
import { expect, test } from "vitest";
import { finishResult, lookAtSource } from "./index.ts";
import { portrait, retouched } from "./test-portrait.ts";

const source = await lookAtSource(portrait);
if (source === undefined) throw new Error("the source cannot be read");

const check = async (result: Sharp, wishedFormat: "jpeg" | "png" = "jpeg") =>
  await finishResult({ resultBytes: await result.toFormat(wishedFormat).toBuffer(), source, wishedFormat });

test.each<[string, (of: Sharp) => Sharp]>([
  ["as it was", (of) => of.png()],
  ["as a JPEG of quality 92", (of) => of.jpeg({ quality: 92 })],
  ["as a JPEG of quality 85", (of) => of.jpeg({ quality: 85 })],
  ["as a progressive JPEG", (of) => of.jpeg({ quality: 95, progressive: true })],
  ["as a lossless WebP", (of) => of.webp({ lossless: true })],
])("the source itself, %s, is unchanged", async (_, encode) => {
  for (const file of ["photos/astronaut.png", "team/design/portrait-02.jpg", "team/sales/portrait-03.jpg"]) {
    const bytes = await readFile(new URL(file, new URL("../../../examples/", import.meta.url)));
    const look = await lookAtSource(bytes);
    if (look === undefined) throw new Error("the source cannot be read");
    const resultBytes = await encode(sharp(bytes).autoOrient()).toBuffer();
    const result = await finishResult({ resultBytes, source: look, wishedFormat: "jpeg" });
    expect(result, file).toMatchObject({ ok: false, code: "unchanged_output" });
  }
});

const mark = (share: number, opacity: number): Buffer =>
  Buffer.from(
    `<svg width="512" height="512"><circle cx="240" cy="130" r="${share * 256}" fill="#fff" fill-opacity="${opacity}"/></svg>`,
  );

test.each<[string, (of: Sharp) => Sharp]>([
  ["light turned up by 3 %", (of) => of.linear(1.03, 0)],
  ["one mark taken out", (of) => of.composite([{ input: mark(0.015, 0.25) }])],
  ["a faint shadow lifted", (of) => of.composite([{ input: mark(0.1, 0.06) }])],
  ["texture softened", (of) => of.blur(0.7)],
  ["a little more colour", (of) => of.modulate({ saturation: 1.1 })],
])("subtle retouching does not count as unchanged: %s", async (_, work) => {
  expect(await check(work(sharp(portrait)))).toMatchObject({ ok: true });
});

test.each(["#000000", "#ffffff", "#8a8580"])("a picture that is all %s is blank", async (background) => {
  const blank = sharp({ create: { width: 512, height: 512, channels: 3, background } });
  expect(await check(blank)).toMatchObject({ ok: false, code: "blank_output" });
});

test("accepts a blank result of a blank source, and low contrast is not blank", async () => {
  const flat = await sharp({ create: { width: 96, height: 96, channels: 3, background: "#777777" } })
    .png()
    .toBuffer();
  const lighter = await sharp({ create: { width: 96, height: 96, channels: 3, background: "#999999" } })
    .png()
    .toBuffer();
  const look = await lookAtSource(flat);
  if (look === undefined) throw new Error("the source cannot be read");
  expect(await finishResult({ resultBytes: lighter, source: look, wishedFormat: "png" })).toMatchObject({ ok: true });
  expect(await check(sharp(portrait).linear(0.08, 200))).toMatchObject({ ok: true });
});

test.each([
  [90, "90°"],
  [180, "180°"],
  [270, "270°"],
])("reports a result turned by %i degrees once", async (degrees, words) => {
  const result = await check(retouched().rotate(degrees));
  expect(result.ok && result.warnings).toEqual([expect.stringContaining(words)]);
});

test("reports a turned picture as turned, not as another shape", async () => {
  const tall = await sharp(portrait).extract({ left: 60, top: 0, width: 380, height: 512 }).png().toBuffer();
  const look = await lookAtSource(tall);
  if (look === undefined) throw new Error("the source cannot be read");
  const turned = await sharp(tall).linear(1.05, 4).rotate(90).jpeg().toBuffer();
  const result = await finishResult({ resultBytes: turned, source: look, wishedFormat: "jpeg" });
  expect(result.ok && result.warnings).toEqual([expect.stringContaining("rotated by 90°")]);
});

test("reports another shape with both sizes, and ignores a difference of one pixel", async () => {
  const wider = await check(retouched().resize(512, 400, { fit: "fill" }));
  expect(wider.ok && wider.warnings).toEqual([
    "the result is wider in shape than the source: 512 × 400 px instead of 512 × 512 px",
  ]);
  const nearly = await check(retouched().resize(512, 508, { fit: "fill" }));
  expect(nearly.ok && nearly.warnings).toEqual([]);
});

test("the distance is 0 for the same picture, small for retouching, and large for another picture", async () => {
  const [soft, strong, other] = await Promise.all([
    check(retouched()),
    check(sharp(portrait).linear(1.3, 10)),
    check(sharp(portrait).negate()),
  ]);
  const distances = [soft, strong, other].map((result) => (result.ok ? result.distance : undefined) ?? -1);
  expect(distances[0]).toBeGreaterThan(0.005);
  expect(distances[0]).toBeLessThan(0.08);
  expect(distances[1]).toBeGreaterThan(distances[0] ?? 1);
  expect(distances[2]).toBeGreaterThan(0.2);
  expect(distances[2]).toBeLessThanOrEqual(1);
  const again = await check(retouched());
  expect(again.ok && again.distance).toBe(distances[0]);
});

test("a recipe may allow smaller results, or require larger ones", async () => {
  const resultBytes = await retouched().resize(200).jpeg().toBuffer();
  const request = { resultBytes, source, wishedFormat: "jpeg" } as const;
  expect(await finishResult(request)).toMatchObject({
    ok: false,
    code: "corrupt_output",
    message: expect.stringContaining("less than half") as string,
  });
  expect(await finishResult({ ...request, leastShare: 0.3 })).toMatchObject({ ok: true, width: 200 });
  const whole = await retouched().resize(400).jpeg().toBuffer();
  const strict = await finishResult({ ...request, resultBytes: whole, leastShare: 1 });
  expect(strict).toMatchObject({ ok: false, message: expect.stringContaining("less than 100 %") as string });
});
