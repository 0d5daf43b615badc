import { readFile } from "node:fs/promises";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { heic, noise, portrait, sample } from "../test-pictures/picture-bytes.ts";
import { convertPicture, planPicture, probePicture, type Accepts, type ConversionPlan } from "./index.ts";
import { HEIC_LIMITS } from "./decode-heic.ts";
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

describe("the formats that a provider accepts", () => {
  it.each([
    [{ contentTypes: ["image/heic", "image/jpeg"] }, "as-is"],
    [{ contentTypes: ["image/jpeg"] }, "convert"],
    [{ contentTypes: ["image/webp"] }, "refuse"],
    [{ contentTypes: ["image/heic", "image/jpeg"], maxSidePx: 300 }, "convert"],
  ] as const)("decide how a HEIC is sent, with %j: %s", async (change, kind) => {
    const bytes = await heic();
    expect(planPicture(await probePicture(bytes, bytes.length), { ...ACCEPTS, ...change }).kind).toBe(kind);
  });

  it("make it a PNG if the provider accepts nothing else", async () => {
    const bytes = await (await portrait()).webp().toBuffer();
    const { picture } = await converted(bytes, { ...ACCEPTS, contentTypes: ["image/png"] });
    expect(picture.contentType).toBe("image/png");
  });

  it("give a cut-out a white background if the provider accepts JPEG only", async () => {
    const bytes = await sharp({ create: { width: 80, height: 80, channels: 4, background: "#00000000" } })
      .webp()
      .toBuffer();
    const { picture } = await converted(bytes, { ...ACCEPTS, contentTypes: ["image/jpeg"] });
    const [red] = (await sharp(picture.bytes).stats()).channels;
    expect(red?.min).toBeGreaterThan(250);
  });
});

it("reduces a file's pixels until it fits", async () => {
  const bytes = await noise(900, 1_200).png().toBuffer();
  const { picture } = await converted(bytes, { ...ACCEPTS, maxBytes: 200_000 });
  expect(picture.bytes.length).toBeLessThanOrEqual(200_000);
  expect(picture.height).toBeLessThan(1_200);
  expect(picture.width / picture.height).toBeCloseTo(0.75, 1);
});

it("converts an opaque picture with an alpha channel to JPEG", async () => {
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

it("converts pixels with a profile to sRGB", async () => {
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

/** Returns the strength of the colours: the mean difference between a pixel's largest and smallest channel. */
async function colourfulness(bytes: Uint8Array, ignoreIcc: boolean): Promise<number> {
  const pixels = await sharp(bytes, { ignoreIcc }).removeAlpha().resize(60, 45).raw().toBuffer();
  let sum = 0;
  for (let at = 0; at < pixels.length; at += 3) {
    const channels = pixels.subarray(at, at + 3);
    sum += Math.max(...channels) - Math.min(...channels);
  }
  return (sum * 3) / pixels.length;
}

it("converts a phone's HEIC in Display P3 to sRGB without losing saturation", async () => {
  const subject = await sharp(await readFile(new URL("../../../examples/photos/astronaut.png", import.meta.url)))
    .resize(600, 450)
    .png()
    .toBuffer();
  const inP3 = await sharp(subject).withIccProfile("p3").png().toBuffer();
  const [right, wrong] = [await colourfulness(subject, false), await colourfulness(inP3, true)];
  const { picture } = await converted(await sample("astronaut-p3.heic"));
  const seen = await colourfulness(picture.bytes, true);
  expect(right - wrong).toBeGreaterThan(4);
  expect(Math.abs(seen - right)).toBeLessThan((right - wrong) / 2);
});

it("decodes phone-sized HEICs off the main thread", async () => {
  const bytes = await sample("astronaut-12mp.heic");
  const before = performance.eventLoopUtilization();
  const { picture } = await converted(bytes);
  const { utilization } = performance.eventLoopUtilization(before);
  expect(picture).toMatchObject({ contentType: "image/jpeg", width: 4_032, height: 3_024 });
  // Share of the time during which the event loop was blocked.
  expect(utilization).toBeLessThan(0.4);
});

it("decodes many HEICs one after the other, and continues after a broken one", async () => {
  const [whole, cut] = [await heic(), (await heic()).subarray(0, 30_000)];
  const { plan } = await converted(whole);
  const all = await Promise.all([whole, cut, whole, cut, whole].map((bytes) => convertPicture(bytes, plan, ACCEPTS)));
  expect(all.map(({ ok }) => ok)).toEqual([true, false, true, false, true]);
});

it.each([
  ["runs out of memory in the middle", { heapMb: 12 }, /memory limit/],
  ["takes too long", { timeoutMs: 1 }, /timeout/],
])("does not call a HEIC broken when the decoding thread %s, and decodes the next one", async (_, limits, why) => {
  const [large, small] = [await sample("astronaut-12mp.heic"), await heic()];
  const { plan } = await converted(small);
  const [failed, next] = await Promise.allSettled([
    convertPicture(large, plan, ACCEPTS, { ...HEIC_LIMITS, ...limits }),
    convertPicture(small, plan, ACCEPTS),
  ]);
  expect(failed).toMatchObject({
    status: "rejected",
    reason: { code: "internal", retryable: true, message: expect.stringMatching(why) as string },
  });
  expect(next).toMatchObject({ status: "fulfilled", value: { ok: true } });
});
