import { readFile } from "node:fs/promises";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { finishResult, probePicture, sniffContent } from "./index.ts";
import { withMetadata } from "./with-metadata.ts";

const picture = (width = 200, height = 300) =>
  sharp({ create: { width, height, channels: 3, background: "#b08a6e" } }).composite([
    {
      input: Buffer.from(`<svg width="${width}" height="${height}"><circle cx="60" cy="60" r="40" fill="#fff"/></svg>`),
    },
  ]);

const GPS = { IFD0: { Copyright: "x" }, IFD3: { GPSLatitudeRef: "N", GPSLatitude: "52/1 30/1 0/1" } };

describe("probing", () => {
  it.each([
    ["image/jpeg", () => picture().jpeg()],
    ["image/png", () => picture().png()],
    ["image/webp", () => picture().webp()],
    ["image/gif", () => picture().gif()],
    ["image/tiff", () => picture().tiff()],
  ] as const)("recognizes %s and its size by content", async (contentType, make) => {
    const bytes = await make().toBuffer();
    const probe = await probePicture(bytes.subarray(0, 65_536), bytes.length);
    expect(probe).toMatchObject({ kind: "picture", contentType, width: 200, height: 300 });
  });

  it("returns the size as seen, with the EXIF orientation applied", async () => {
    const bytes = await picture().withMetadata({ orientation: 6 }).jpeg().toBuffer();
    expect(await probePicture(bytes, bytes.length)).toMatchObject({ width: 300, height: 200 });
  });

  it("asks for more bytes when the header is longer than the input", async () => {
    const jpeg = await picture().jpeg().toBuffer();
    const segment = Buffer.concat([Buffer.from([0xff, 0xe2, 0xff, 0xfe]), Buffer.alloc(65_532)]);
    const bytes = Buffer.concat([jpeg.subarray(0, 2), segment, segment, jpeg.subarray(2)]);
    const probe = await probePicture(bytes.subarray(0, 65_536), bytes.length);
    expect(probe).toMatchObject({ kind: "need_more" });
    expect(await probePicture(bytes, bytes.length)).toMatchObject({ kind: "picture", width: 200 });
  });

  it("recognizes HEIC brands whatever the file's name", async () => {
    const bytes = await readFile(new URL("../../../examples/photos/astronaut-512.heic", import.meta.url));
    const probe = await probePicture(bytes, bytes.length);
    expect(probe).toMatchObject({ kind: "picture", contentType: "image/heic" });
  });

  it.each([
    ["", "empty"],
    ["%PDF-1.7", "PDF"],
    ["PK\u0003\u0004", "ZIP"],
    ["<!doctype html>", "web page"],
    ["\0".repeat(100), "zeros"],
    ["hello", "not a picture"],
  ])("names the actual type of %j", (text, word) => {
    const content = sniffContent(Buffer.from(text, "latin1"));
    expect(content.kind === "other" && content.message).toContain(word);
  });
});

describe("finishing a result", () => {
  it("adds only the mark of AI to valid bytes", async () => {
    const resultBytes = await picture().jpeg().toBuffer();
    const finished = await finishResult({ resultBytes, source: { width: 200, height: 300 }, wishedFormat: "jpeg" });
    expect(finished.ok && Buffer.from(withMetadata(finished.bytes, "jpeg", {}))).toEqual(resultBytes);
  });

  it("drops GPS and applies the orientation", async () => {
    const resultBytes = await picture().withExif(GPS).withMetadata({ orientation: 6 }).jpeg().toBuffer();
    expect((await sharp(resultBytes).metadata()).exif).toBeDefined();
    const finished = await finishResult({ resultBytes, wishedFormat: "jpeg" });
    if (!finished.ok) throw new Error(finished.message);
    const after = await sharp(finished.bytes).metadata();
    expect(after.exif).toBeUndefined();
    expect([after.width, after.height, after.orientation ?? 1]).toEqual([300, 200, 1]);
  });

  it.each(["jpeg", "png", "webp"] as const)("writes %s on request", async (wishedFormat) => {
    const resultBytes = await picture().png().toBuffer();
    const finished = await finishResult({ resultBytes, wishedFormat });
    expect(finished.ok && (await sharp(finished.bytes).metadata()).format).toBe(wishedFormat);
    expect(finished).toMatchObject({ contentType: `image/${wishedFormat}`, width: 200, height: 300 });
  });

  it.each([
    ["text", async () => Buffer.from("<html>gone</html>")],
    ["a truncated JPEG", async () => (await picture(800, 800).jpeg({ quality: 100 }).toBuffer()).subarray(0, 3_000)],
    ["a video", async () => Buffer.from("\0\0\0\u0018ftypmp42\0\0\0\0", "latin1")],
    ["a thumbnail", async () => await picture(90, 140).jpeg().toBuffer()],
  ] as const)("reports %s as corrupt", async (_, make) => {
    const finished = await finishResult({
      resultBytes: await make(),
      source: { width: 200, height: 300 },
      wishedFormat: "jpeg",
    });
    expect(finished).toMatchObject({ ok: false, code: "corrupt_output" });
  });
});
