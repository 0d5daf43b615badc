import sharp from "sharp";
import { expect, test } from "vitest";
import { finishResult, lookAtSource, type FinishRequest, type SourceLook } from "./index.ts";
import { keptExif } from "./kept-exif.ts";
import { CAMERA_EXIF, portrait, retouched } from "./test-portrait.ts";

const FORMATS = ["jpeg", "png", "webp"] as const;

async function looked(bytes: Uint8Array): Promise<SourceLook> {
  const look = await lookAtSource(bytes);
  if (look === undefined) throw new Error("the source cannot be read");
  return look;
}

async function finished(request: FinishRequest): Promise<Buffer> {
  const result = await finishResult(request);
  if (!result.ok) throw new Error(result.message);
  return Buffer.from(result.bytes);
}

/** Returns all strings of an EXIF block, as exiftool or a text editor would find them. */
const textOf = (exif: Buffer | undefined): string => exif?.toString("latin1") ?? "";

test.each(FORMATS)("a %s keeps author, time and camera, but neither place nor serial number", async (format) => {
  const source = await looked(await sharp(portrait).withExif(CAMERA_EXIF).jpeg().toBuffer());
  const bytes = await finished({
    resultBytes: await retouched().toFormat(format).toBuffer(),
    source,
    wishedFormat: format,
  });
  const text = textOf((await sharp(bytes).metadata()).exif);
  for (const kept of [
    "Ada Lens",
    "2026 Ada Lens, all rights",
    "Team, third floor",
    "Nikon",
    "Z 8",
    "85mm f/1.8",
    "2026:03:04 10:11:12",
    "+01:00",
  ]) {
    expect(text).toContain(kept);
  }
  const whole = bytes.toString("latin1");
  for (const dropped of ["SN-12345678", "call me", "Secret Suite"]) {
    expect(source.bytes && Buffer.from(source.bytes).toString("latin1")).toContain(dropped);
    expect(whole).not.toContain(dropped);
  }
  // Parsed again by the library that reads camera files: the GPS directory is gone, and the rest is well formed.
  const again = await sharp(bytes).keepExif().jpeg().toBuffer();
  expect(textOf((await sharp(again).metadata()).exif)).toContain("2026 Ada Lens, all rights");
  expect(hasGps((await sharp(bytes).metadata()).exif)).toBe(false);
  expect(hasGps((await sharp(source.bytes).metadata()).exif)).toBe(true);
});

/** True if the first directory points to a GPS directory. */
function hasGps(exif: Buffer | undefined): boolean {
  if (exif === undefined) return false;
  const tiff = exif.toString("latin1", 0, 4) === "Exif" ? exif.subarray(6) : exif;
  const little = tiff.toString("latin1", 0, 2) === "II";
  const [short, long] = [
    (at: number) => (little ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at)),
    (at: number) => (little ? tiff.readUInt32LE(at) : tiff.readUInt32BE(at)),
  ];
  const start = long(4);
  return Array.from({ length: short(start) }, (_, place) => short(start + 2 + place * 12)).includes(0x8825);
}

test.each(FORMATS)("the pixels of a %s stay bit for bit the same when metadata is carried over", async (format) => {
  const source = await looked(await sharp(portrait).withExif(CAMERA_EXIF).jpeg().toBuffer());
  const resultBytes = await retouched().toFormat(format).toBuffer();
  const bytes = await finished({ resultBytes, source, wishedFormat: format });
  expect(bytes.equals(resultBytes)).toBe(false);
  const [before, after] = await Promise.all([resultBytes, bytes].map((file) => sharp(file).raw().toBuffer()));
  expect(after?.equals(before ?? Buffer.alloc(0))).toBe(true);
});

test("a WebP keeps its transparency beside the metadata carried over", async () => {
  const source = await looked(await sharp(portrait).withExif(CAMERA_EXIF).jpeg().toBuffer());
  for (const lossless of [true, false]) {
    const resultBytes = await retouched().ensureAlpha(0.5).webp({ lossless }).toBuffer();
    const bytes = await finished({ resultBytes, source, wishedFormat: "webp" });
    const { hasAlpha, exif } = await sharp(bytes).metadata();
    expect([hasAlpha, textOf(exif).includes("Ada Lens")]).toEqual([true, true]);
  }
});

test("a result's own metadata and data after a JPEG's picture are removed", async () => {
  const own = await retouched()
    .withExif({ IFD0: { Artist: "The Provider" }, IFD3: { GPSLatitudeRef: "N" } })
    .jpeg()
    .toBuffer();
  const trailer = Buffer.from("\xff\xd8 another picture, taken in Berlin", "latin1");
  const bytes = await finished({ resultBytes: Buffer.concat([own, trailer]), wishedFormat: "jpeg" });
  expect(bytes.includes("The Provider")).toBe(false);
  expect(bytes.includes("Berlin")).toBe(false);
  expect((await sharp(bytes).metadata()).exif).toBeUndefined();
  const progressive = await retouched().jpeg({ progressive: true }).toBuffer();
  // Only the mark that it was made with AI is added, after the start of the file.
  const marked = await finished({ resultBytes: progressive, wishedFormat: "jpeg" });
  expect(Buffer.from(marked).subarray(2 - progressive.length)).toEqual(progressive.subarray(2));
});

test.each(FORMATS)("a %s that lost its profile and kept its values gets the source's profile back", async (format) => {
  const wide = await sharp(portrait)
    .modulate({ saturation: 1.4 })
    .withIccProfile("p3")
    .jpeg({ quality: 95 })
    .toBuffer();
  const source = await looked(wide);
  const { icc } = await sharp(wide).metadata();
  const pale = await sharp(wide, { ignoreIcc: true }).linear(1.05, 4).toFormat(format).toBuffer();
  expect((await sharp(pale).metadata()).icc).toBeUndefined();
  const mended = await finished({ resultBytes: pale, source, wishedFormat: format });
  expect((await sharp(mended).metadata()).icc).toEqual(icc);
  const converted = await sharp(wide).linear(1.05, 4).toFormat(format).toBuffer();
  expect((await sharp(converted).metadata()).icc).toBeUndefined();
  const right = await finished({ resultBytes: converted, source, wishedFormat: format });
  expect((await sharp(right).metadata()).icc).toBeUndefined();
});

test("broken EXIF of a source is ignored", () => {
  expect(keptExif(Buffer.from("II*\0\xff\xff\xff\x7f", "latin1"))).toBeUndefined();
  expect(keptExif(Buffer.from("not EXIF at all"))).toBeUndefined();
  const endless = Buffer.alloc(40, 0xff);
  endless.write("II*\0\x08\0\0\0", 0, "latin1");
  expect(keptExif(endless)).toBeUndefined();
});

test("a name is preserved in whatever encoding the camera used", async () => {
  const bytes = await sharp(portrait)
    .withExif({ IFD0: { Artist: "J##rgen Gro##" } })
    .jpeg()
    .toBuffer();
  const { exif = Buffer.alloc(0) } = await sharp(bytes).metadata();
  for (const encoded of [Buffer.from("Jürgen Groß"), Buffer.from("J\xfc.rgen Gro\xdf.", "latin1")]) {
    const written = Buffer.from(exif);
    encoded.copy(written, exif.indexOf("J##rgen"));
    expect(keptExif(written)?.includes(encoded)).toBe(true);
  }
});

test("a JPEG's embedded JFIF thumbnail is removed, and its pixels are unchanged", async () => {
  const plain = await retouched().jpeg().toBuffer();
  const face = Buffer.alloc(3 * 3 * 3, "FACE");
  const jfif = Buffer.from("ffe000104a46494600010100000100010000", "hex");
  const small = Buffer.concat([jfif, face]);
  small.writeUInt16BE(16 + face.length, 2);
  small.writeUInt16BE(0x0303, 16);
  const resultBytes = Buffer.concat([plain.subarray(0, 2), small, plain.subarray(2)]);
  const source = await looked(portrait);
  const bytes = await finished({ resultBytes, source, wishedFormat: "jpeg" });
  expect(bytes.includes("FACE")).toBe(false);
  const without = Buffer.concat([plain.subarray(0, 2), jfif, plain.subarray(2)]);
  expect(bytes.equals(await finished({ resultBytes: without, source, wishedFormat: "jpeg" }))).toBe(true);
});
