import { monitorEventLoopDelay } from "node:perf_hooks";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { heic, noise, portrait } from "../test-pictures/picture-bytes.ts";
import { convertPicture, planPicture, probePicture, type Accepts, type ConversionPlan } from "./index.ts";
import { uncompressedTiff } from "./uncompressed-tiff.ts";

const ACCEPTS: Accepts = {
  contentTypes: ["image/jpeg", "image/png"],
  maxBytes: 20_000_000,
  minSidePx: 64,
  maxSidePx: 8_192,
};

async function converted(bytes: Buffer, accepts = ACCEPTS) {
  const plan = planPicture(await probePicture(bytes, bytes.length), accepts);
  if (plan.kind !== "convert") throw new Error(`it is ${JSON.stringify(plan)}`);
  const picture = await convertPicture(bytes, plan, accepts);
  if (!picture.ok) throw new Error(picture.message);
  return { plan, picture };
}

describe("what a provider takes decides", () => {
  it.each([
    [{ contentTypes: ["image/heic", "image/jpeg"] }, "as-is"],
    [{ contentTypes: ["image/jpeg"] }, "convert"],
    [{ contentTypes: ["image/webp"] }, "refuse"],
    [{ contentTypes: ["image/heic", "image/jpeg"], maxSidePx: 300 }, "convert"],
  ] as const)("on a HEIC, with %j: %s", async (change, kind) => {
    const bytes = await heic();
    expect(planPicture(await probePicture(bytes, bytes.length), { ...ACCEPTS, ...change }).kind).toBe(kind);
  });

  it("and makes a PNG for one that takes nothing else", async () => {
    const bytes = await (await portrait()).webp().toBuffer();
    const { picture } = await converted(bytes, { ...ACCEPTS, contentTypes: ["image/png"] });
    expect(picture.contentType).toBe("image/png");
  });

  it("and gives a cut-out a white ground for one that takes JPEG only", async () => {
    const bytes = await sharp({ create: { width: 80, height: 80, channels: 4, background: "#00000000" } })
      .webp()
      .toBuffer();
    const { picture } = await converted(bytes, { ...ACCEPTS, contentTypes: ["image/jpeg"] });
    const [red] = (await sharp(picture.bytes).stats()).channels;
    expect(red?.min).toBeGreaterThan(250);
  });
});

it("a file that stays too large is made from fewer pixels, until it fits", async () => {
  const bytes = await noise(900, 1_200).png().toBuffer();
  const { picture } = await converted(bytes, { ...ACCEPTS, maxBytes: 200_000 });
  expect(picture.bytes.length).toBeLessThanOrEqual(200_000);
  expect(picture.height).toBeLessThan(1_200);
  expect(picture.width / picture.height).toBeCloseTo(0.75, 1);
});

it("an opaque picture with an alpha channel becomes a JPEG", async () => {
  const bytes = await (await portrait()).ensureAlpha().webp({ lossless: true }).toBuffer();
  const plan: ConversionPlan = {
    kind: "convert",
    to: ["image/jpeg", "image/png"],
    width: 300,
    height: 400,
    reasons: [],
    workBytes: 0,
  };
  expect(await convertPicture(bytes, plan, ACCEPTS)).toMatchObject({ contentType: "image/jpeg" });
});

it("pixels with a profile of their own come out in sRGB", async () => {
  const red = await sharp({ create: { width: 8, height: 8, channels: 3, background: "#c83c3c" } })
    .withIccProfile("p3")
    .png()
    .toBuffer();
  const { icc } = await sharp(red).metadata();
  if (icc === undefined) throw new Error("there is no profile");
  const data = await sharp(red, { ignoreIcc: true }).ensureAlpha().raw().toBuffer();
  const tiff = uncompressedTiff({ width: 8, height: 8, data }, icc);
  const pixel = await sharp(tiff).removeAlpha().raw().toBuffer();
  expect(Math.abs((data[0] ?? 0) - 0xc8)).toBeGreaterThan(5);
  for (const [channel, level] of [0xc8, 0x3c, 0x3c].entries()) {
    expect(Math.abs((pixel[channel] ?? 0) - level)).toBeLessThanOrEqual(2);
  }
});

it("HEICs are decoded one at a time and leave the main thread free", async () => {
  const bytes = await heic();
  const { plan } = await converted(bytes);
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  const all = await Promise.all(Array.from({ length: 4 }, () => convertPicture(bytes, plan, ACCEPTS)));
  delay.disable();
  expect(all.every(({ ok }) => ok)).toBe(true);
  // The decoding of one takes longer than this.
  expect(delay.max / 1e6).toBeLessThan(1_000);
});
