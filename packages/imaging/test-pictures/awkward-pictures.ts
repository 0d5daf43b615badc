import {
  bmp,
  dng,
  firstPart,
  gifBomb,
  heic,
  HEIGHT,
  oval,
  plain,
  pngBomb,
  portrait,
  twoFrames,
  WIDTH,
  withLongHeader,
} from "./picture-bytes.ts";

/** How a picture is handled before it is sent to a provider that accepts JPEG and PNG. */
export type Fate =
  | { readonly kind: "as-is"; readonly width?: number; readonly height?: number }
  | { readonly kind: "convert"; readonly to: "jpeg" | "png"; readonly width?: number; readonly height?: number }
  /** Refused because of the header. */
  | { readonly kind: "refuse"; readonly code: "invalid_image" | "unsupported_format" | "too_large" | "too_small" }
  /** Refused by the conversion. */
  | { readonly kind: "broken" };

/** A file as found in users' folders. Sizes are 300 × 400 unless stated otherwise. */
export interface AwkwardPicture {
  /** Unique even without its extension. */
  readonly name: string;
  readonly make: () => Promise<Buffer>;
  readonly fate: Fate;
}

const AS_IS: Fate = { kind: "as-is" };
const JPEG: Fate = { kind: "convert", to: "jpeg" };
const PNG: Fate = { kind: "convert", to: "png" };
const BROKEN: Fate = { kind: "broken" };
const INVALID: Fate = { kind: "refuse", code: "invalid_image" };
const TOO_LARGE: Fate = { kind: "refuse", code: "too_large" };
const TOO_SMALL: Fate = { kind: "refuse", code: "too_small" };
const UNSUPPORTED: Fate = { kind: "refuse", code: "unsupported_format" };

const GPS = { IFD0: { Copyright: "x" }, IFD3: { GPSLatitudeRef: "N", GPSLatitude: "52/1 30/1 0/1" } };
const text = (words: string) => () => Promise.resolve(Buffer.from(words, "latin1"));
const jpeg = async (): Promise<Buffer> => await (await portrait()).jpeg().toBuffer();
const png = async (): Promise<Buffer> => await (await portrait()).png().toBuffer();
const tiff = async (): Promise<Buffer> => await (await portrait()).tiff({ compression: "lzw" }).toBuffer();

/** Returns the portrait stored sideways, with an EXIF tag for its rotation. */
async function turned(orientation: number, degrees: number): Promise<Buffer> {
  const lying = await (await portrait()).rotate(-degrees).toBuffer();
  const { default: sharp } = await import("sharp");
  return await sharp(lying).withMetadata({ orientation }).jpeg().toBuffer();
}

const row = (name: string, fate: Fate, make: () => Promise<Buffer>): AwkwardPicture => ({ name, fate, make });

/** Real-world pictures, and files that only look like one. */
export const AWKWARD_PICTURES: readonly AwkwardPicture[] = [
  // Sent unchanged.
  row("plain.jpg", AS_IS, jpeg),
  row("progressive.jpg", AS_IS, async () => await (await portrait()).jpeg({ progressive: true }).toBuffer()),
  row("subsampled.jpg", AS_IS, async () => await (await portrait()).jpeg({ chromaSubsampling: "4:2:0" }).toBuffer()),
  row("srgb-profile.jpg", AS_IS, async () => await (await portrait()).withIccProfile("srgb").jpeg().toBuffer()),
  row("with-gps.jpg", AS_IS, async () => await (await portrait()).withExif(GPS).jpeg().toBuffer()),
  row("long-header.jpg", AS_IS, async () => withLongHeader(await jpeg(), 200_000)),
  row("short-trailer.jpg", AS_IS, async () => Buffer.concat([await jpeg(), Buffer.alloc(500, 1)])),
  row("interlaced.png", AS_IS, async () => await (await portrait()).png({ progressive: true }).toBuffer()),
  row("palette.png", AS_IS, async () => await (await portrait()).png({ palette: true, colours: 64 }).toBuffer()),
  row("transparent.png", AS_IS, async () => await (await oval()).png().toBuffer()),
  row("a-png-by-content.jpg", AS_IS, png),
  row("smallest.jpg", { kind: "as-is", width: 64, height: 64 }, async () => await plain(64, 64).jpeg().toBuffer()),
  // Converted.
  row("turned-by-90.jpg", JPEG, () => turned(6, 90)),
  row("turned-by-180.jpg", JPEG, () => turned(3, 180)),
  row(
    "mirrored.jpg",
    JPEG,
    async () => await (await portrait()).flop().withMetadata({ orientation: 2 }).jpeg().toBuffer(),
  ),
  row("grey.jpg", JPEG, async () => await (await portrait()).toColourspace("b-w").jpeg().toBuffer()),
  row("grey-and-transparent.png", PNG, async () => await (await oval()).toColourspace("b-w").png().toBuffer()),
  row("for-print.jpg", JPEG, async () => await (await portrait()).toColourspace("cmyk").jpeg().toBuffer()),
  row(
    "for-print-too.tif",
    JPEG,
    async () => await (await portrait()).toColourspace("cmyk").tiff({ compression: "lzw" }).toBuffer(),
  ),
  row(
    "sixteen-bits.png",
    JPEG,
    async () => await (await portrait()).linear(1.02, 0).toColourspace("rgb16").png().toBuffer(),
  ),
  row(
    "sixteen-bits-too.tif",
    JPEG,
    async () => await (await portrait()).linear(0.98, 0).toColourspace("rgb16").tiff({ compression: "lzw" }).toBuffer(),
  ),
  row("display-p3.jpg", JPEG, async () => await (await portrait()).withIccProfile("p3").jpeg().toBuffer()),
  row("lossy.webp", JPEG, async () => await (await portrait()).webp().toBuffer()),
  row("turned.webp", JPEG, async () => {
    const lying = await (await portrait()).rotate(-90).toBuffer();
    const { default: sharp } = await import("sharp");
    return await sharp(lying).withMetadata({ orientation: 6 }).webp().toBuffer();
  }),
  row("cut-out.webp", PNG, async () => await (await oval()).webp({ lossless: true }).toBuffer()),
  row("moving.webp", JPEG, async () => await (await twoFrames()).webp().toBuffer()),
  row("still.gif", JPEG, async () => await (await portrait()).gif().toBuffer()),
  row("moving-too.gif", JPEG, async () => await (await twoFrames()).gif().toBuffer()),
  row("cut-out-too.gif", PNG, async () => await (await oval()).gif().toBuffer()),
  row("packed.tif", JPEG, tiff),
  row("two-pages.tiff", JPEG, async () => await (await twoFrames()).tiff({ compression: "deflate" }).toBuffer()),
  row("a-tiff-by-content.jpg", JPEG, tiff),
  row("new.avif", JPEG, async () => await (await portrait()).avif({ effort: 0 }).toBuffer()),
  row("phone.heic", { ...JPEG, width: 512, height: 512 }, heic),
  row("a-heic-by-content.jpg", { ...JPEG, width: 512, height: 512 }, heic),
  row("long-trailer.jpg", JPEG, async () => Buffer.concat([await jpeg(), Buffer.alloc(200_000, 1)])),
  row("without-end-mark.jpg", JPEG, async () => (await jpeg()).subarray(0, -2)),
  row(
    "wide.jpg",
    { kind: "convert", to: "jpeg", width: 8_192, height: 1_365 },
    async () => await plain(9_000, 1_500).jpeg().toBuffer(),
  ),
  row(
    "heavy.png",
    { kind: "convert", to: "jpeg", width: 2_800, height: 2_500 },
    async () => await (await portrait()).resize(2_800, 2_500, { fit: "fill" }).png({ compressionLevel: 0 }).toBuffer(),
  ),
  // Cannot be used.
  row("cut-jpeg.jpg", BROKEN, async () => firstPart(await jpeg(), 0.6)),
  row("cut-progressive.jpg", BROKEN, async () =>
    firstPart(await (await portrait()).jpeg({ progressive: true }).toBuffer(), 0.5),
  ),
  row("cut-png.png", BROKEN, async () => firstPart(await png(), 0.6)),
  row("cut-webp.webp", INVALID, async () => firstPart(await (await portrait()).webp().toBuffer(), 0.6)),
  row("cut-gif.gif", BROKEN, async () => firstPart(await (await portrait()).gif().toBuffer(), 0.4)),
  row("cut-tiff.tif", INVALID, async () => firstPart(await tiff(), 0.6)),
  row("cut-avif.avif", BROKEN, async () => firstPart(await (await portrait()).avif({ effort: 0 }).toBuffer(), 0.6)),
  row("cut-heic.heic", BROKEN, async () => firstPart(await heic(), 0.6)),
  row("cut-in-header.jpg", INVALID, async () => (await jpeg()).subarray(0, 60)),
  row("empty.jpg", INVALID, text("")),
  row("zeros.jpg", INVALID, text("\0".repeat(5_000))),
  row("words.jpg", INVALID, text("this is no picture")),
  row("page.png", INVALID, text("<!doctype html><html><body>Sign in</body></html>")),
  row("drawing.jpg", INVALID, text('<svg xmlns="http://www.w3.org/2000/svg" width="300" height="400"/>')),
  row("document.jpg", INVALID, text("%PDF-1.7 ")),
  row("video.jpg", INVALID, text("\0\0\0\x18ftypmp42\0\0\0\0mp42isom")),
  row("archive.jpg", INVALID, text("PK\x03\x04")),
  row("bitmap.jpg", UNSUPPORTED, () => Promise.resolve(bmp(100, 120))),
  row("camera-raw.tif", UNSUPPORTED, () => Promise.resolve(dng())),
  row("bomb.png", TOO_LARGE, () => Promise.resolve(pngBomb(30_000))),
  row("bomb-too.gif", TOO_LARGE, () => Promise.resolve(gifBomb(65_535, 65_535))),
  row("strip.png", TOO_LARGE, async () => await plain(9_000, 66).png().toBuffer()),
  row("tiny.jpg", TOO_SMALL, async () => await plain(63, 500).jpeg().toBuffer()),
  row("pixel.gif", TOO_SMALL, () => Promise.resolve(gifBomb(1, 1))),
];

/** Returns the size of the picture as seen by a person and received by a provider. */
export function seenSize(fate: Fate): { readonly width: number; readonly height: number } {
  const { width = WIDTH, height = HEIGHT } = fate.kind === "as-is" || fate.kind === "convert" ? fate : {};
  return { width, height };
}
