import { readFile } from "node:fs/promises";
import sharp, { type Sharp } from "sharp";
import { expect, test } from "vitest";
import { probePicture, sniffContent } from "./index.ts";

const PHOTOS = new URL("../../../examples/photos/", import.meta.url);
const photo = await readFile(new URL("astronaut.png", PHOTOS));
const noise = (width: number, height: number) =>
  sharp({
    create: { width, height, channels: 3, background: "#888", noise: { type: "gaussian", mean: 128, sigma: 60 } },
  });

test.each<[string, boolean, (of: Sharp) => Sharp]>([
  ["lossy", false, (of) => of.webp({ quality: 100 })],
  ["lossless", false, (of) => of.webp({ lossless: true, effort: 0 })],
  ["extended", true, (of) => of.withIccProfile("p3").webp({ quality: 100 })],
])("finds a %s WebP's size in its first bytes, however large the file is", async (_, hasForeignProfile, encode) => {
  const bytes = await encode(noise(900, 701)).toBuffer();
  expect(bytes.length).toBeGreaterThan(524_288);
  const probe = await probePicture(bytes.subarray(0, 65_536), bytes.length);
  expect(probe).toMatchObject({
    kind: "picture",
    contentType: "image/webp",
    width: 900,
    height: 701,
    sizeBytes: bytes.length,
    traits: { hasForeignProfile, orientation: 1, hasAlpha: false, isAnimated: false },
  });
  expect(await probePicture(bytes, bytes.length)).toEqual(probe);
});

test("stops asking for more at the end of the file", async () => {
  const jpeg = await sharp(photo).jpeg().toBuffer();
  const segment = Buffer.concat([Buffer.from([0xff, 0xe2, 0xff, 0xfe]), Buffer.alloc(65_532)]);
  const bytes = Buffer.concat([jpeg.subarray(0, 2), ...Array.from({ length: 20 }, () => segment), jpeg.subarray(2)]);
  let probe = await probePicture(bytes.subarray(0, 65_536), bytes.length);
  let asked = 0;
  for (; probe.kind === "need_more" && asked < 10; asked += 1) {
    expect(probe.bytes).toBeGreaterThan(65_536);
    probe = await probePicture(bytes.subarray(0, probe.bytes), bytes.length);
  }
  expect(asked).toBeGreaterThan(0);
  expect(probe).toMatchObject({ kind: "picture", width: 512, height: 512 });
});

test.each([
  [new URL("grace_hopper.jpg", PHOTOS), "image/jpeg", 512, 600],
  [new URL("camera.png", PHOTOS), "image/png", 512, 512],
  [new URL("../team/engineering/portrait-03.jpg", PHOTOS), "image/jpeg", 800, 1_000],
  [new URL("../team/design/portrait-02.jpg", PHOTOS), "image/jpeg", 720, 900],
])("the example %s is %s of %i by %i as seen", async (file, contentType, width, height) => {
  const bytes = await readFile(file);
  const probe = await probePicture(bytes.subarray(0, 65_536), bytes.length);
  expect(probe).toMatchObject({ kind: "picture", contentType, width, height, sizeBytes: bytes.length });
});

test.each([
  ["\ufeff<!DOCTYPE html><title>Sign in</title>", "web page"],
  ["\n <html lang=en>", "web page"],
  ["<!-- cached --><html>", "web page"],
  ['<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>', "XML"],
  ["<Error><Code>NoSuchKey</Code></Error>", "XML"],
  ["Grüezi: see the other folder", "text"],
  ['{"error":"gone"}', "text"],
])("names the actual type of %j", (text, word) => {
  expect(sniffContent(Buffer.from(text))).toMatchObject({
    kind: "other",
    message: expect.stringContaining(word) as string,
  });
});

test("does not call unknown bytes text", () => {
  const bytes = Buffer.from([0x01, 0xfe, 0xc3, 0x28, 0x99, 0x02, 0xff, 0xee]);
  expect(sniffContent(bytes)).toMatchObject({ kind: "other", message: "the file is not a picture of a known format" });
});

test.each([
  ["mif1", "heic", "image/heic"],
  ["mif1", "avif", "image/avif"],
  ["heic", "mif1", "image/heic"],
  ["avif", "mif1", "image/avif"],
])("a file of brand %s with %s is %s", (brand, other, contentType) => {
  const box = Buffer.concat([Buffer.from([0, 0, 0, 24]), Buffer.from(`ftyp${brand}\0\0\0\0mif1${other}`, "latin1")]);
  expect(sniffContent(box)).toEqual({ kind: "picture", contentType });
});

test("reads a WebP with EXIF whole, because its orientation comes after its picture", async () => {
  const bytes = await noise(900, 701).withMetadata({ orientation: 6 }).webp({ quality: 100 }).toBuffer();
  expect(await probePicture(bytes.subarray(0, 65_536), bytes.length)).toMatchObject({ kind: "need_more" });
  const whole = await probePicture(bytes, bytes.length);
  expect(whole).toMatchObject({ kind: "picture", width: 701, height: 900, traits: { orientation: 6 } });
});
