import { readFile } from "node:fs/promises";
import { crc32, deflateSync } from "node:zlib";
import sharp from "sharp";
import { expect, test } from "vitest";
import { finishResult, type FinishedResult, type FinishRequest } from "./index.ts";
import { withMetadata } from "./with-metadata.ts";

const photo = await readFile(new URL("../../../examples/photos/astronaut.png", import.meta.url));
const GPS = { IFD3: { GPSLatitudeRef: "N", GPSLatitude: "52/1 30/1 0/1" } };

async function finished(request: FinishRequest): Promise<FinishedResult & { ok: true }> {
  const result = await finishResult(request);
  if (!result.ok) throw new Error(result.message);
  return result;
}

/** A Photoshop segment that names a city, right after the start of a JPEG. */
function withCity(jpeg: Buffer): Buffer {
  const iptc = Buffer.from("\x1c\x02\x5a\0\x06Berlin\0", "latin1");
  const body = Buffer.concat([Buffer.from("Photoshop 3.0\x008BIM\x04\x04\0\0\0\0\0\x0b", "latin1"), iptc]);
  const head = Buffer.from([0xff, 0xed, 0, body.length + 2]);
  return Buffer.concat([jpeg.subarray(0, 2), head, body, jpeg.subarray(2)]);
}

function pngChunk(type: string, data: Buffer): Buffer {
  const typed = Buffer.concat([Buffer.from(type), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length);
  frame.writeUInt32BE(crc32(typed), 4);
  return Buffer.concat([frame.subarray(0, 4), typed, frame.subarray(4)]);
}

/** A text chunk that names a place, right after a PNG's header. */
function withComment(png: Buffer): Buffer {
  const comment = pngChunk("tEXt", Buffer.from("Comment\0Berlin"));
  return Buffer.concat([png.subarray(0, 33), comment, png.subarray(33)]);
}

/** A PNG of 16,000 × 16,000 black pixels. */
function pictureBomb(): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(16_000);
  header.writeUInt32BE(16_000, 4);
  header[8] = 1;
  const pixels = deflateSync(Buffer.alloc((1 + 16_000 / 8) * 16_000));
  const chunks = [pngChunk("IHDR", header), pngChunk("IDAT", pixels), pngChunk("IEND", Buffer.alloc(0))];
  return Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), ...chunks]);
}

test.each(["jpeg", "png", "webp"] as const)("adds only the mark of AI to a valid %s", async (format) => {
  const resultBytes = await sharp(photo).withIccProfile("p3").toFormat(format).toBuffer();
  const result = await finished({ resultBytes, wishedFormat: format });
  expect(Buffer.from(withMetadata(result.bytes, format, {}))).toEqual(resultBytes);
  expect(result).toMatchObject({ contentType: `image/${format}`, width: 512, height: 512 });
});

test.each(["jpeg", "png", "webp"] as const)("removes GPS and keeps the colour profile in %s", async (format) => {
  const resultBytes = await sharp(photo).withIccProfile("p3").withExif(GPS).toFormat(format).toBuffer();
  const before = await sharp(resultBytes).metadata();
  expect(before.exif).toBeDefined();
  const { bytes } = await finished({ resultBytes, wishedFormat: format });
  const after = await sharp(bytes).metadata();
  expect(after.exif).toBeUndefined();
  expect(after.icc).toEqual(before.icc);
});

test("removes a place in a JPEG's IPTC or a PNG's comment, too", async () => {
  const jpeg = withCity(await sharp(photo).jpeg().toBuffer());
  const png = withComment(await sharp(photo).png().toBuffer());
  for (const [resultBytes, wishedFormat] of [
    [jpeg, "jpeg"],
    [png, "png"],
  ] as const) {
    expect(resultBytes.includes("Berlin")).toBe(true);
    const { bytes } = await finished({ resultBytes, wishedFormat });
    expect(Buffer.from(bytes).includes("Berlin")).toBe(false);
  }
});

test.each(["jpeg", "png", "webp"] as const)(
  "reports a truncated %s as corrupt, wherever it was cut",
  async (format) => {
    const whole = await sharp(photo).toFormat(format).toBuffer();
    for (const kept of [whole.length - 20, Math.floor(whole.length * 0.9), Math.floor(whole.length / 3), 60]) {
      for (const wishedFormat of [format, format === "png" ? "jpeg" : "png"] as const) {
        const result = await finishResult({ resultBytes: whole.subarray(0, kept), wishedFormat });
        expect(result, `${kept} of ${whole.length} bytes`).toMatchObject({ ok: false, code: "corrupt_output" });
      }
    }
  },
);

test("reports a PNG with a broken middle as corrupt", async () => {
  const resultBytes = await sharp(photo).png().toBuffer();
  const middle = Math.floor(resultBytes.length / 2);
  resultBytes.fill(0xa5, middle, middle + 200);
  expect(await finishResult({ resultBytes, wishedFormat: "png" })).toMatchObject({ ok: false, code: "corrupt_output" });
});

test("rejects a small file with a giant picture before decoding it", async () => {
  const resultBytes = pictureBomb();
  expect((await sharp(resultBytes, { limitInputPixels: false }).metadata()).width).toBe(16_000);
  expect(resultBytes.length).toBeLessThan(100_000);
  const result = await finishResult({ resultBytes, wishedFormat: "png" });
  expect(result).toMatchObject({ ok: false, message: expect.stringContaining("pixel limit") as string });
});

test("replaces transparency by white if the requested format has none", async () => {
  const resultBytes = await sharp({ create: { width: 80, height: 80, channels: 4, background: "#00000000" } })
    .composite([
      { input: Buffer.from('<svg width="80" height="80"><circle cx="40" cy="40" r="20" fill="#840"/></svg>') },
    ])
    .png()
    .toBuffer();
  const { bytes } = await finished({ resultBytes, wishedFormat: "jpeg" });
  const edge = await sharp(bytes).extract({ left: 0, top: 0, width: 10, height: 80 }).png().toBuffer();
  const [red] = (await sharp(edge).stats()).channels;
  expect(red?.min).toBeGreaterThan(250);
});
