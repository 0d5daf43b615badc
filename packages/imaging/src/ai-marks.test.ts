import { createHash } from "node:crypto";
import sharp from "sharp";
import { beforeAll, describe, expect, test } from "vitest";
import { aiMarks, MADE_WITH_AI, markParts, xmpOf } from "./ai-marks.ts";
import { cutDelivery } from "./cut-delivery.ts";
import { finishResult, type FinishedResult } from "./finish-result.ts";
import { portrait } from "../test-pictures/index.ts";
import { testManifest, withManifest, withXmp } from "./test-marks.ts";

const FORMATS = ["jpeg", "png", "webp"] as const;
const GPS = { IFD3: { GPSLatitudeRef: "N", GPSLatitude: "52/1 30/1 0/1" } };
const TRAINED = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia";
const CAMERA = "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture";

const plain = new Map<string, Buffer>();
beforeAll(async () => {
  for (const format of FORMATS) plain.set(format, await (await portrait()).toFormat(format).toBuffer());
});

const digest = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

async function finished(resultBytes: Uint8Array, wishedFormat: (typeof FORMATS)[number]) {
  const result: FinishedResult = await finishResult({ resultBytes, wishedFormat });
  if (!result.ok) throw new Error(result.message);
  return result;
}

describe.each(FORMATS)("a result in %s", (format) => {
  const bytes = (): Buffer => plain.get(format) ?? Buffer.alloc(0);

  test("with a manifest stays as it is, byte for byte", async () => {
    for (const marked of [
      withManifest(bytes(), format),
      withXmp(withManifest(bytes(), format), format, xmpOf(TRAINED)),
    ]) {
      const result = await finished(marked, format);
      expect(result.c2pa).toBe("kept");
      expect(digest(result.bytes)).toBe(digest(marked));
      const kept = markParts(result.bytes).manifest ?? Buffer.alloc(0);
      expect(digest(kept)).toBe(digest(testManifest()));
    }
  });

  test("with a manifest beside a place loses both, says so, and says that it was made with AI", async () => {
    const located = await sharp(bytes()).withExif(GPS).toFormat(format).toBuffer();
    const result = await finished(withManifest(located, format), format);
    expect(result.c2pa).toBe("lost");
    expect(aiMarks(result.bytes)).toEqual({ hasManifest: false, sourceType: MADE_WITH_AI, isHarmless: true });
    expect((await sharp(result.bytes).metadata()).exif).toBeUndefined();
  });

  test("with a manifest beside XMP about a person loses both", async () => {
    const personal = Buffer.from(
      xmpOf(TRAINED).toString().replace("Iptc4xmpExt:Digital", 'dc:creator="Ada" Iptc4xmpExt:Digital'),
    );
    const result = await finished(withXmp(withManifest(bytes(), format), format, personal), format);
    expect(result.c2pa).toBe("lost");
    expect(Buffer.from(result.bytes).includes("Ada")).toBe(false);
    expect(aiMarks(result.bytes).sourceType).toBe(TRAINED);
  });

  test.each(["exif:GPSLatitude", "exifEX:BodySerialNumber"])("with %s in its manifest loses both", async (field) => {
    const telling = testManifest(`{"${field}":"52,31.2N"}`);
    const result = await finished(withManifest(bytes(), format, telling), format);
    expect(result.c2pa).toBe("lost");
    expect(Buffer.from(result.bytes).includes(field)).toBe(false);
    expect(aiMarks(result.bytes)).toEqual({ hasManifest: false, sourceType: MADE_WITH_AI, isHarmless: true });
  });

  test("that must be encoded anew loses its manifest", async () => {
    const other = format === "png" ? "jpeg" : "png";
    const result = await finished(withManifest(bytes(), format), other);
    expect(result.c2pa).toBe("lost");
    expect(aiMarks(result.bytes)).toMatchObject({ hasManifest: false, sourceType: MADE_WITH_AI });
  });

  test("without marks gets one, keeps its pixels, and is the same when it is finished again", async () => {
    const result = await finished(bytes(), format);
    expect(result.c2pa).toBe("absent");
    expect(aiMarks(result.bytes)).toEqual({ hasManifest: false, sourceType: MADE_WITH_AI, isHarmless: true });
    const pixels = async (of: Uint8Array) => digest(await sharp(of).raw().toBuffer());
    expect(await pixels(result.bytes)).toBe(await pixels(bytes()));
    expect(digest((await finished(result.bytes, format)).bytes)).toBe(digest(result.bytes));
  });

  test("whose XMP denies AI gets the mark all the same", async () => {
    const result = await finished(withXmp(bytes(), format, xmpOf(CAMERA)), format);
    expect(aiMarks(result.bytes).sourceType).toBe(MADE_WITH_AI);
  });

  test("marks its cuts, in its own words", async () => {
    const marked = await finished(withXmp(bytes(), format, xmpOf(TRAINED)), format);
    for (const [result, type] of [
      [marked.bytes, TRAINED],
      [withManifest(bytes(), format), MADE_WITH_AI],
    ] as const) {
      for (const wished of FORMATS) {
        const cut = await cutDelivery(result, { name: "linkedin", format: wished });
        expect(aiMarks(cut.bytes)).toEqual({ hasManifest: false, sourceType: type, isHarmless: true });
      }
    }
  });
});

test("a file that is no picture has no marks", () => {
  expect(aiMarks(Buffer.from("hello"))).toEqual({ hasManifest: false, sourceType: undefined, isHarmless: true });
  const broken = Buffer.from([0xff, 0xd8, 0xff, 0xe1, 0xff, 0xff]);
  expect(aiMarks(broken)).toMatchObject({ hasManifest: false });
});
