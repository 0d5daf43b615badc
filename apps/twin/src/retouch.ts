import sharp, { type Sharp } from "sharp";
import type { Look } from "./look.ts";
import type { SourceImage } from "./source-image.ts";

export interface Picture {
  readonly bytes: Buffer;
  readonly contentType: "image/jpeg" | "image/png";
  readonly extension: "jpg" | "png";
}

const JPEG_QUALITY = 92;
/** Pixels after which the pixel loop yields to other work, so that open streams continue. */
const PIXELS_PER_BREATH = 400_000;
/** Difference, of 255, above which an edge is kept. */
const EDGE_LEVELS = 26;

function encode(pipeline: Sharp, format: string): Promise<Buffer> {
  return format === "png" ? pipeline.png().toBuffer() : pipeline.jpeg({ quality: JPEG_QUALITY }).toBuffer();
}

function asPicture(bytes: Buffer, format: string): Picture {
  return format === "png"
    ? { bytes, contentType: "image/png", extension: "png" }
    : { bytes, contentType: "image/jpeg", extension: "jpg" };
}

/** Returns the upright picture as RGB bytes, and its alpha channel if any. Drops all metadata, including GPS. */
async function decode(source: SourceImage) {
  const upright = await sharp(source.bytes)
    .autoOrient()
    .toColourspace("srgb")
    .raw({ depth: "uchar" })
    .toBuffer({ resolveWithObject: true });
  const { width, height, channels } = upright.info;
  const raw = { width, height, channels };
  const alpha =
    channels === 2 || channels === 4
      ? await sharp(upright.data, { raw })
          .extractChannel(channels === 4 ? 3 : 1)
          .raw()
          .toBuffer()
      : undefined;
  const colour = alpha === undefined ? sharp(upright.data, { raw }) : sharp(upright.data, { raw }).removeAlpha();
  const rgb = channels === 3 ? upright.data : await colour.toColourspace("srgb").raw().toBuffer();
  if (rgb.length === width * height * 3) return { rgb, alpha, width, height };
  const spread = Buffer.alloc(width * height * 3);
  for (let pixel = 0; pixel < width * height; pixel += 1) spread.fill(rgb[pixel] ?? 0, pixel * 3, pixel * 3 + 3);
  return { rgb: spread, alpha, width, height };
}

/** Returns a curve that moves the picture's mean towards good lighting and lifts the shadows slightly. */
function toneCurve(rgb: Buffer, light: number): Uint8Array {
  const step = Math.max(3, Math.floor(rgb.length / 30_000 / 3) * 3);
  let sum = 0;
  let samples = 0;
  for (let at = 0; at < rgb.length; at += step) {
    sum += rgb[at + 1] ?? 0;
    samples += 1;
  }
  const mean = Math.min(235, Math.max(20, sum / samples)) / 255;
  const wished = Math.min(0.62, Math.max(0.5, mean + 0.06));
  const gamma = 1 + (Math.log(wished) / Math.log(mean) - 1) * light;
  return Uint8Array.from({ length: 256 }, (_, level) => Math.round(255 * (level / 255) ** gamma));
}

/** Returns the weight of the background by distance from the person: 0 within, 1 far away. */
function backgroundFalloff(): Float32Array {
  return Float32Array.from({ length: 1_024 }, (_, index) => {
    const t = Math.min(1, Math.max(0, (index / 256 - 1) / 1.2));
    return t * t * (3 - 2 * t);
  });
}

function clamp(value: number): number {
  return value < 0 ? 0 : value > 255 ? 255 : value;
}

/**
 * Enhances a portrait: softer skin with sharp edges, better light, a softer background, slightly warmer. Models the
 * person as a raised ellipse (the head) and a low one (the shoulders). Keeps size and orientation.
 */
export async function retouch(source: SourceImage, look: Look): Promise<Picture> {
  const { rgb, alpha, width, height } = await decode(source);
  const raw = { width, height, channels: 3 } as const;
  const side = Math.min(width, height);
  const smallSide = 192;
  const [soft, far] = await Promise.all([
    sharp(rgb, { raw })
      .blur(Math.max(1.2, side / 260))
      .raw()
      .toBuffer(),
    sharp(rgb, { raw })
      .resize({ width: smallSide, height: smallSide, fit: "fill" })
      .blur(3)
      .raw()
      .toBuffer()
      .then((small) =>
        sharp(small, { raw: { width: smallSide, height: smallSide, channels: 3 } })
          .resize({ width, height, fit: "fill", kernel: "cubic" })
          .raw()
          .toBuffer(),
      ),
  ]);
  const tone = toneCurve(rgb, look.light);
  const falloff = backgroundFalloff();
  const red = 1 + 0.06 * look.warmth;
  const blue = 1 - 0.06 * look.warmth;
  const saturation = 1 + 0.35 * look.saturation;
  const rowsPerBreath = Math.max(1, Math.floor(PIXELS_PER_BREATH / width));

  for (let y = 0; y < height; y += 1) {
    if (y > 0 && y % rowsPerBreath === 0) await new Promise((resolve) => setImmediate(resolve));
    const headY = ((y / height - 0.4) / 0.42) ** 2;
    const bodyY = ((y / height - 1.05) / 0.5) ** 2;
    for (let x = 0; x < width; x += 1) {
      const at = (y * width + x) * 3;
      const u = x / width - 0.5;
      const distance = Math.min((u / 0.3) ** 2 + headY, (u / 0.48) ** 2 + bodyY);
      let r = rgb[at]!;
      let g = rgb[at + 1]!;
      let b = rgb[at + 2]!;
      const dr = r - soft[at]!;
      const dg = g - soft[at + 1]!;
      const db = b - soft[at + 2]!;
      const difference = Math.abs(dr * 0.3 + dg * 0.6 + db * 0.1);
      const isSkin = r > 60 && r > g && g > b * 0.85 && r - b > 12;
      const flat = difference >= EDGE_LEVELS ? 0 : 1 - (difference / EDGE_LEVELS) ** 2;
      const shift = (isSkin ? -0.95 : -0.35) * flat * look.smoothing + (1 - flat) * 0.6 * look.clarity;
      r += dr * shift;
      g += dg * shift;
      b += db * shift;
      const away = falloff[Math.min(1_023, Math.floor(distance * 256))]! * look.background;
      if (away > 0) {
        r += (far[at]! - r) * away;
        g += (far[at + 1]! - g) * away;
        b += (far[at + 2]! - b) * away;
      } else if (look.whitening > 0 && distance < 0.5 && g > 140 && r - g < 25 && g > b && r - b < 48) {
        b += (g - b) * 0.6 * look.whitening;
        r -= (r - g) * 0.4 * look.whitening;
      }
      r = tone[Math.round(clamp(r))]! * red;
      g = tone[Math.round(clamp(g))]!;
      b = tone[Math.round(clamp(b))]! * blue;
      const grey = 0.3 * r + 0.6 * g + 0.1 * b;
      rgb[at] = clamp(grey + (r - grey) * saturation);
      rgb[at + 1] = clamp(grey + (g - grey) * saturation);
      rgb[at + 2] = clamp(grey + (b - grey) * saturation);
    }
  }
  const finished = sharp(rgb, { raw });
  if (alpha !== undefined && source.format === "png") {
    finished.joinChannel(alpha, { raw: { width, height, channels: 1 } });
  }
  return asPicture(await encode(finished, source.format), source.format);
}

/** Changes every pixel visibly in one cheap step, for load tests. */
export async function retouchLightly(source: SourceImage): Promise<Picture> {
  const lit = sharp(source.bytes).autoOrient().linear(0.85, 45);
  return asPicture(await encode(lit, source.format), source.format);
}
