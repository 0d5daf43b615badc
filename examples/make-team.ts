/** Draws examples/team, a small firm's portraits as a photographer might deliver them, from examples/photos. */
import { createRequire } from "node:module";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

type SharpModule = typeof import("../packages/imaging/node_modules/sharp/dist/index.mjs");
// The examples have no dependencies of their own, so sharp is loaded from the imaging package.
const load = createRequire(join(import.meta.dirname, "../packages/imaging/package.json"));
const sharp = load("sharp") as SharpModule["default"];

const PHOTOS = join(import.meta.dirname, "photos");
const TEAM = join(import.meta.dirname, "team");

interface Portrait {
  readonly file: string;
  readonly photo: "astronaut.png" | "grace_hopper.jpg" | "camera.png";
  /** Left, top, width and height in the photo, px. */
  readonly crop: readonly [number, number, number, number];
  readonly width: number;
  readonly flip?: boolean;
  /** Brightness factor. 1 leaves the brightness unchanged. */
  readonly exposure?: number;
  readonly contrast?: number;
  readonly saturation?: number;
  /** White balance: factors of red, green and blue. */
  readonly balance?: readonly [number, number, number];
  /** Orientation of the camera: the pixels are stored rotated, and the EXIF tag describes the rotation. */
  readonly orientation?: 3 | 6 | 8;
}

const WARM = [1.03, 1, 0.95] as const;
const COOL = [0.97, 1, 1.04] as const;
const TUNGSTEN = [1.15, 0.92, 0.6] as const;
const FLUORESCENT = [0.98, 1.02, 0.97] as const;

const PORTRAITS: readonly Portrait[] = [
  { file: "design/portrait-01.jpg", photo: "astronaut.png", crop: [40, 0, 336, 420], width: 800 },
  { file: "design/portrait-02.jpg", photo: "grace_hopper.jpg", crop: [110, 10, 300, 375], width: 720, exposure: 0.92, orientation: 6 },
  { file: "design/portrait-03.jpg", photo: "camera.png", crop: [80, 40, 270, 270], width: 600, contrast: 1.05 },
  { file: "design/portrait-04.jpg", photo: "astronaut.png", crop: [94, 0, 264, 264], width: 640, flip: true, balance: WARM },
  { file: "engineering/portrait-01.jpg", photo: "grace_hopper.jpg", crop: [16, 0, 480, 600], width: 960 },
  { file: "engineering/portrait-02.jpg", photo: "astronaut.png", crop: [106, 0, 240, 300], width: 560, exposure: 0.93, balance: COOL },
  { file: "engineering/portrait-03.jpg", photo: "camera.png", crop: [10, 30, 340, 425], width: 800, flip: true, exposure: 1.06, orientation: 8 },
  { file: "engineering/portrait-04.jpg", photo: "grace_hopper.jpg", crop: [66, 10, 400, 400], width: 700, balance: FLUORESCENT, saturation: 0.9 },
  { file: "engineering/portrait-05.png", photo: "camera.png", crop: [90, 45, 240, 300], width: 480, contrast: 0.95 },
  { file: "sales/portrait-01.jpg", photo: "astronaut.png", crop: [0, 0, 410, 512], width: 720, exposure: 1.06, orientation: 3 },
  { file: "sales/portrait-02.jpg", photo: "grace_hopper.jpg", crop: [86, 0, 352, 440], width: 640, flip: true, exposure: 1.08, balance: WARM },
  { file: "sales/portrait-03.jpg", photo: "camera.png", crop: [60, 30, 300, 300], width: 512, exposure: 0.94, balance: WARM },
  { file: "sales/portrait-04.jpg", photo: "astronaut.png", crop: [20, 0, 492, 394], width: 1000, saturation: 0.85, balance: COOL },
  // The portrait that stands out, as if taken in another room by lamplight. The demo must name it.
  { file: "sales/portrait-05.jpg", photo: "astronaut.png", crop: [80, 0, 280, 350], width: 640, flip: true, exposure: 0.36, balance: TUNGSTEN },
];

/** Clockwise rotation of the stored pixels in degrees, so that a viewer who applies the tag sees them upright. */
const STORED_TURN = { 3: 180, 6: 270, 8: 90 } as const;

async function drawPortrait(portrait: Portrait): Promise<Buffer> {
  const { photo, crop, width, flip = false, orientation } = portrait;
  const { exposure = 1, contrast = 1, saturation = 1, balance = [1, 1, 1] } = portrait;
  const [left, top, cropWidth, cropHeight] = crop;
  const { data, info } = await sharp(join(PHOTOS, photo))
    .extract({ left, top, width: cropWidth, height: cropHeight })
    .resize({ width, kernel: "lanczos3" })
    .flop(flip)
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  // A grey photo is converted to three channels here, so that a white balance can be applied.
  const pixels = Buffer.alloc(info.width * info.height * 3);
  for (let pixel = 0; pixel < info.width * info.height; pixel++) {
    const rgb = [0, 1, 2].map((channel) => data[pixel * info.channels + (info.channels === 3 ? channel : 0)] ?? 0);
    const grey = 0.299 * (rgb[0] ?? 0) + 0.587 * (rgb[1] ?? 0) + 0.114 * (rgb[2] ?? 0);
    for (const [channel, value] of rgb.entries()) {
      const toned = ((grey + (value - grey) * saturation) * exposure * (balance[channel] ?? 1) - 128) * contrast + 128;
      pixels[pixel * 3 + channel] = Math.max(0, Math.min(255, Math.round(toned)));
    }
  }
  const turned = sharp(pixels, { raw: { width: info.width, height: info.height, channels: 3 } });
  if (orientation !== undefined) turned.rotate(STORED_TURN[orientation]).withMetadata({ orientation });
  if (portrait.file.endsWith(".png")) return turned.toColourspace("b-w").png({ compressionLevel: 9 }).toBuffer();
  return turned.jpeg({ quality: 85 }).toBuffer();
}

await rm(TEAM, { recursive: true, force: true });
const rows: { source: string; id: string; department: string }[] = [];
for (const portrait of PORTRAITS) {
  const path = join(TEAM, portrait.file);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, await drawPortrait(portrait));
  const department = dirname(portrait.file);
  const number = /\d+/.exec(portrait.file)?.[0] ?? "";
  rows.push({ source: `team/${portrait.file}`, id: `${department}-${number}`, department });
}
// With a byte order mark, semicolons and CRLF, as Excel saves CSV in much of Europe.
const lines = ["source;id;department", ...rows.map((row) => `${row.source};${row.id};${row.department}`)];
await writeFile(join(import.meta.dirname, "team.csv"), `\u{feff}${lines.join("\r\n")}\r\n`);
await writeFile(join(import.meta.dirname, "team.jsonl"), `${rows.map((row) => JSON.stringify(row)).join("\n")}\n`);
