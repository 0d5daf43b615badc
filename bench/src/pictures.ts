import sharp from "sharp";

/** Small, so that pictures cost little compared with the measured work. Above the provider's minimum side. */
const WIDTH_PX = 96;
const HEIGHT_PX = 128;

const MOST_COMMENT_BYTES = 65_533;

/**
 * Returns a JPEG padded to this size by comments after its start mark (COM, T.81 B.2.4.5). The result is a valid
 * picture.
 */
export function filled(jpeg: Buffer, bytes: number): Buffer {
  const comments: Buffer[] = [];
  for (let missing = bytes - jpeg.length; missing >= 4; missing -= comments.at(-1)?.length ?? missing) {
    const text = Math.min(missing - 4, MOST_COMMENT_BYTES);
    const comment = Buffer.alloc(text + 4, "#");
    comment.writeUInt16BE(0xff_fe, 0);
    comment.writeUInt16BE(text + 2, 2);
    comments.push(comment);
  }
  return Buffer.concat([jpeg.subarray(0, 2), ...comments, jpeg.subarray(2)]);
}

/** Returns a valid picture for a decoder. `source` and `result` differ in every pixel. */
export async function picture(kind: "source" | "result"): Promise<Buffer> {
  const background = kind === "source" ? "#9a7b66" : "#b0917c";
  const face = '<svg width="96" height="128"><circle cx="48" cy="50" r="28" fill="#e0b090"/></svg>';
  return await sharp({ create: { width: WIDTH_PX, height: HEIGHT_PX, channels: 3, background } })
    .composite([{ input: Buffer.from(face) }])
    .jpeg({ quality: 80 })
    .toBuffer();
}
