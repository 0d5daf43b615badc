import sharp from "sharp";

/** Small, so that pictures cost little beside what is measured; above the provider's least side. */
const WIDTH_PX = 96;
const HEIGHT_PX = 128;

/** A portrait as far as a decoder is concerned. `source` and `result` differ in every pixel. */
export async function picture(kind: "source" | "result"): Promise<Buffer> {
  const background = kind === "source" ? "#9a7b66" : "#b0917c";
  const face = '<svg width="96" height="128"><circle cx="48" cy="50" r="28" fill="#e0b090"/></svg>';
  return await sharp({ create: { width: WIDTH_PX, height: HEIGHT_PX, channels: 3, background } })
    .composite([{ input: Buffer.from(face) }])
    .jpeg({ quality: 80 })
    .toBuffer();
}
