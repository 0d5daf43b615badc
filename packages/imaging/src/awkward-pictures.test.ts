import sharp from "sharp";
import { expect, test } from "vitest";
import { AWKWARD_PICTURES, seenSize, type AwkwardPicture } from "../test-pictures/awkward-pictures.ts";
import { portrait } from "../test-pictures/picture-bytes.ts";
import { convertPicture, LAST_BYTES, looksCut, planPicture, probePicture, type PicturePlan } from "./index.ts";

/** The input that each::sense accepts. */
const ACCEPTS = { contentTypes: ["image/jpeg", "image/png"], maxBytes: 20_000_000, minSidePx: 64, maxSidePx: 8_192 };
const FIRST_BYTES = 65_536;

/** Decides like a worker: by the first and last bytes, and by the whole file only if these are not sufficient. */
async function decide(bytes: Buffer): Promise<PicturePlan> {
  let probe = await probePicture(bytes.subarray(0, FIRST_BYTES), bytes.length);
  if (probe.kind === "need_more") probe = await probePicture(bytes, bytes.length);
  const plan = planPicture(probe, ACCEPTS);
  if (plan.kind !== "as-is" || probe.kind !== "picture") return plan;
  const isCut = looksCut(probe.contentType, bytes.subarray(0, FIRST_BYTES), bytes.subarray(-LAST_BYTES), bytes.length);
  return planPicture(probe, ACCEPTS, isCut);
}

const of = (...kinds: string[]): readonly (readonly [string, AwkwardPicture])[] =>
  AWKWARD_PICTURES.filter(({ fate }) => kinds.includes(fate.kind)).map((picture) => [picture.name, picture]);

test("there are more than forty awkward pictures with unique names", () => {
  const names = AWKWARD_PICTURES.map(({ name }) => name.replace(/\.\w+$/, ""));
  expect(new Set(names).size).toBe(AWKWARD_PICTURES.length);
  expect(names.length).toBeGreaterThan(40);
});

test.each(of("as-is"))("%s is sent unchanged", async (_, { make }) => {
  expect(await decide(await make())).toEqual({ kind: "as-is" });
});

test.each(of("convert"))("%s is converted to what the provider accepts", async (_, { make, fate }) => {
  const bytes = await make();
  const plan = await decide(bytes);
  if (plan.kind !== "convert" || fate.kind !== "convert") throw new Error(`it is ${JSON.stringify(plan)}`);
  expect(plan.reasons.length).toBeGreaterThan(0);
  const converted = await convertPicture(bytes, plan, ACCEPTS);
  if (!converted.ok) throw new Error(converted.message);
  const { width, height } = seenSize(fate);
  expect(converted).toMatchObject({ contentType: `image/${fate.to}`, width, height });
  expect(converted.bytes.length).toBeLessThanOrEqual(ACCEPTS.maxBytes);
  const made = await sharp(converted.bytes).metadata();
  expect(made).toMatchObject({ format: fate.to, width, height, space: "srgb", depth: "uchar" });
  expect([made.orientation, made.exif, made.icc, made.xmp]).toEqual([undefined, undefined, undefined, undefined]);
  if (fate.to === "jpeg") expect(made.chromaSubsampling).toBe("4:4:4");
  expect(await decide(Buffer.from(converted.bytes))).toEqual({ kind: "as-is" });
});

test.each(of("refuse"))("%s is rejected by its header", async (_, { make, fate }) => {
  const plan = await decide(await make());
  expect(plan).toMatchObject(fate);
  if (plan.kind === "refuse") expect(plan.message).toMatch(/\w+ \w+ \w+/);
});

test.each(of("broken"))("%s is found broken during conversion", async (_, { make }) => {
  const bytes = await make();
  const plan = await decide(bytes);
  if (plan.kind !== "convert") throw new Error(`it is ${JSON.stringify(plan)}`);
  const converted = await convertPicture(bytes, plan, ACCEPTS);
  expect(converted).toMatchObject({ ok: false, code: "invalid_image" });
  expect(!converted.ok && converted.message).toMatch(/^the picture cannot be read.*copy it again or save it anew$/);
});

/** Returns the mean difference of two pictures' pixels, 0 to 255. */
async function distance(one: Uint8Array, other: Uint8Array): Promise<number> {
  const small = (bytes: Uint8Array) => sharp(bytes).flatten().toColourspace("srgb").resize(75, 100).raw().toBuffer();
  const [a, b] = await Promise.all([small(one), small(other)]);
  expect(a.length).toBe(b.length);
  return a.reduce((sum, level, at) => sum + Math.abs(level - (b[at] ?? 0)), 0) / a.length;
}

test.each(
  of("convert").filter(
    ([name, { fate }]) => !/^(?:grey|wide|heavy|cut-out)/.test(name) && seenSize(fate).width === 300,
  ),
)("%s looks like the portrait: upright, unmirrored, in the right colours", async (_, { make }) => {
  const bytes = await make();
  const plan = await decide(bytes);
  if (plan.kind !== "convert") throw new Error("it is not converted");
  const converted = await convertPicture(bytes, plan, ACCEPTS);
  if (!converted.ok) throw new Error(converted.message);
  const right = await (await portrait()).png().toBuffer();
  const wrong = await (await portrait()).flop().png().toBuffer();
  expect(await distance(converted.bytes, right)).toBeLessThan(8);
  expect(await distance(converted.bytes, wrong)).toBeGreaterThan(20);
});
