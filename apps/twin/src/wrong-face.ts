import sharp, { type Sharp } from "sharp";
import type { Fault } from "./fault.ts";
import type { PictureDesk } from "./picture-desk.ts";
import type { PictureOutput } from "./picture-output.ts";
import type { SourceImage } from "./source-image.ts";

export type WrongFace = Extract<Fault, { kind: "wrong_face" }>["face"];

/** One picture that the simulator has made. */
export interface MadePicture {
  /** The portrait's name in the books. */
  readonly portrait: string;
  readonly source: SourceImage;
  readonly prompt: string;
  readonly picture: PictureOutput;
}

/** Width of the narrowed face, relative to the source's. */
const NARROWED = 0.9;
/** The part of the width, around the middle, that is narrowed. The rest is widened to fill the picture. */
const NARROWED_BAND = 0.7;
/** Factor of the lightened skin's levels. */
const LIGHTENED = 1.25;
/** The head as retouching models it: an ellipse by its middle and half sides, as shares of the picture's. */
const HEAD = { x: 0.5, y: 0.4, acrossX: 0.3, acrossY: 0.42 };
/** Distance from the head's middle, relative to its half sides, within which skin is lightened or a face is lost. */
const SKIN_REACH = 1.2;
const LOST_REACH = 1.4;
/** Part of the picture that holds the head, and its size in a corner as the second face. */
const SECOND = { left: 0.15, top: 0.05, width: 0.7, height: 0.75, share: 0.4 };
const BLUR_SHARE = 0.08;
/** JPEG qualities of the picture that all portraits share, in turn, so that the files differ. */
const FIRST_QUALITY = 84;
const QUALITIES = 12;

/** Makes pictures whose face is not the source's, as providers do now and then. */
export class WrongFaces {
  readonly #desk: PictureDesk;
  /** The photos of the two portraits seen last, so that there is one of another portrait. */
  #seen: readonly { readonly portrait: string; readonly source: SourceImage }[] = [];
  #shared: PictureOutput | undefined;
  #reencoded = 0;

  constructor(desk: PictureDesk) {
    this.#desk = desk;
  }

  /** Remembers a portrait's photo as that of another person, for later portraits. */
  note(portrait: string, source: SourceImage): void {
    this.#seen = [{ portrait, source }, ...this.#seen.filter((seen) => seen.portrait !== portrait)].slice(0, 2);
  }

  /** @returns the result itself if another person is requested and no other portrait was seen yet */
  async make(face: WrongFace, made: MadePicture): Promise<PictureOutput> {
    const { picture } = made;
    switch (face) {
      case "another_person":
        return await this.#anotherPerson(made);
      case "same_for_all":
        return (this.#shared ??= picture);
      case "same_reencoded":
        return await this.#sharedAnew(made);
      case "narrowed":
        return await changed(picture, narrow);
      case "lightened":
        return await changed(picture, lighten);
      case "second_face":
        return await withSecondFace(picture);
      case "lost_face":
        return await withoutFace(picture);
      default:
        return face satisfies never;
    }
  }

  async #anotherPerson({ portrait, source, prompt, picture }: MadePicture): Promise<PictureOutput> {
    const other = this.#seen.find((seen) => seen.portrait !== portrait);
    if (other === undefined) return picture;
    const fitted = await encoded(
      sharp(other.source.bytes)
        .autoOrient()
        .resize(await uprightSize(source)),
      picture,
    );
    const { format } = await sharp(fitted.bytes).metadata();
    return await this.#desk.work({ bytes: fitted.bytes, format }, prompt);
  }

  async #sharedAnew({ source, picture }: MadePicture): Promise<PictureOutput> {
    this.#shared ??= picture;
    const quality = FIRST_QUALITY + (this.#reencoded % QUALITIES);
    this.#reencoded += 1;
    const bytes = await sharp(this.#shared.bytes)
      .resize(await uprightSize(source))
      .jpeg({ quality })
      .toBuffer();
    return { bytes, contentType: "image/jpeg", extension: "jpg" };
  }
}

interface Pixels {
  readonly data: Buffer;
  readonly width: number;
  readonly height: number;
}

async function uprightSize({ bytes }: SourceImage): Promise<{ readonly width: number; readonly height: number }> {
  const { autoOrient } = await sharp(bytes).metadata();
  return autoOrient;
}

/** Encodes in the format of the made picture. */
async function encoded(pixels: Sharp, { contentType, extension }: PictureOutput): Promise<PictureOutput> {
  const format = extension === "png" ? pixels.png() : pixels.jpeg({ quality: 92 });
  return { bytes: await format.toBuffer(), contentType, extension };
}

async function changed(picture: PictureOutput, change: (pixels: Pixels) => Buffer): Promise<PictureOutput> {
  const { data, info } = await sharp(picture.bytes)
    .removeAlpha()
    .toColourspace("srgb")
    .raw()
    .toBuffer({ resolveWithObject: true });
  const { width, height } = info;
  return await encoded(sharp(change({ data, width, height }), { raw: { width, height, channels: 3 } }), picture);
}

/** Narrows the middle band of a picture, and widens what is beside it. */
function narrow({ data, width, height }: Pixels): Buffer {
  const narrowed = Buffer.alloc(data.length);
  const half = (NARROWED_BAND * NARROWED) / 2;
  const beside = (1 - NARROWED_BAND) / (1 - NARROWED_BAND * NARROWED);
  for (let x = 0; x < width; x += 1) {
    const away = (x + 0.5) / width - 0.5;
    const within = Math.abs(away) <= half;
    const from = within ? away / NARROWED : Math.sign(away) * (NARROWED_BAND / 2 + (Math.abs(away) - half) * beside);
    const place = Math.min(width - 1, Math.max(0, (from + 0.5) * width - 0.5));
    const [left, share] = [Math.floor(place), place % 1];
    const right = Math.min(width - 1, left + 1);
    for (let y = 0; y < height; y += 1) {
      for (let channel = 0; channel < 3; channel += 1) {
        const level = (column: number): number => data[(y * width + column) * 3 + channel] ?? 0;
        narrowed[(y * width + x) * 3 + channel] = level(left) * (1 - share) + level(right) * share;
      }
    }
  }
  return narrowed;
}

/** Lightens everything with the colour of skin where the head usually is. */
function lighten({ data, width, height }: Pixels): Buffer {
  for (let pixel = 0; pixel < width * height; pixel += 1) {
    const at = pixel * 3;
    const [red, green, blue] = [data[at] ?? 0, data[at + 1] ?? 0, data[at + 2] ?? 0];
    const isSkin = red > 60 && red > green && green > blue * 0.85 && red - blue > 12;
    if (!isSkin || headDistance(pixel, width, height) > SKIN_REACH) continue;
    for (let channel = 0; channel < 3; channel += 1) {
      data[at + channel] = Math.min(255, (data[at + channel] ?? 0) * LIGHTENED);
    }
  }
  return data;
}

/** Puts a smaller copy of the head into a lower corner. */
async function withSecondFace(picture: PictureOutput): Promise<PictureOutput> {
  const { width, height } = await sharp(picture.bytes).metadata();
  const px = (share: number, side: number): number => Math.round(share * side);
  const head = await sharp(picture.bytes)
    .extract({
      left: px(SECOND.left, width),
      top: px(SECOND.top, height),
      width: px(SECOND.width, width),
      height: px(SECOND.height, height),
    })
    .resize({ width: px(SECOND.share, width) })
    .toBuffer();
  return await encoded(sharp(picture.bytes).composite([{ input: head, gravity: "southwest" }]), picture);
}

/** Blurs the head until no face is left. */
async function withoutFace(picture: PictureOutput): Promise<PictureOutput> {
  const { width, height } = await sharp(picture.bytes).metadata();
  const { data: blurred } = await sharp(picture.bytes)
    .removeAlpha()
    .toColourspace("srgb")
    .blur(Math.max(width, height) * BLUR_SHARE)
    .raw()
    .toBuffer({ resolveWithObject: true });
  return await changed(picture, ({ data }) => {
    for (let pixel = 0; pixel < width * height; pixel += 1) {
      if (headDistance(pixel, width, height) > LOST_REACH) continue;
      blurred.copy(data, pixel * 3, pixel * 3, pixel * 3 + 3);
    }
    return data;
  });
}

/** Returns a pixel's distance from the head's middle: 1 on the ellipse. */
function headDistance(pixel: number, width: number, height: number): number {
  const across = ((pixel % width) + 0.5) / width - HEAD.x;
  const down = (Math.floor(pixel / width) + 0.5) / height - HEAD.y;
  return Math.hypot(across / HEAD.acrossX, down / HEAD.acrossY);
}
