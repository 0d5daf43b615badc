import { DISPLAY_P3, SRGB, type RgbSpace } from "./matrix-profile.ts";

/** CICP (ITU-T H.273): the primaries of P3 with the white of sRGB. */
const P3_PRIMARIES = 12;
/** Factor of the numbers in gAMA and cHRM (PNG, third edition, 11.3.2). */
const UNIT = 100_000;
const SRGB_GAMMA = 0.45455;
/** x and y of white, red, green and blue. */
const SRGB_CHROMATICITIES = [0.3127, 0.329, 0.64, 0.33, 0.3, 0.6, 0.15, 0.06];
/** Tolerance for rounding by programs. */
const SAME_GAMMA = 0.01;
const SAME_CHROMATICITY = 0.005;
/** Plausible values of gAMA. Any other value is an error of the program that wrote the file. */
const GAMMAS = { least: 0.2, most: 2 };

type Vector = readonly [number, number, number];
type Matrix = readonly [Vector, Vector, Vector];

/** Bradford cone responses, used to adapt white points (ICC.1:2022, annex E). */
const BRADFORD: Matrix = [
  [0.8951, 0.2664, -0.1614],
  [-0.7502, 1.7135, 0.0367],
  [0.0389, -0.0685, 1.0296],
];
const D50: Vector = [0.9642, 1, 0.8249];

/**
 * Returns the colour space that a PNG without a profile declares in its cICP, gAMA and cHRM chunks, in this order of
 * precedence (PNG, third edition, 4.3). Undefined for sRGB, and for impossible values.
 */
export function pngColours(bytes: Uint8Array): RgbSpace | undefined {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const chunks = colourChunks(file);
  const cicp = chunks.get("cICP");
  if (cicp !== undefined) return cicp[0] === P3_PRIMARIES ? DISPLAY_P3 : undefined;
  if (chunks.has("iCCP") || chunks.has("sRGB")) return undefined;
  const gamma = numbers(chunks.get("gAMA"), 1)?.[0];
  const curve =
    gamma === undefined || isNear(gamma, SRGB_GAMMA, SAME_GAMMA) || gamma < GAMMAS.least || gamma > GAMMAS.most
      ? undefined
      : ([1 / gamma, 1, 0, 0, 0] as const);
  const chromaticities = numbers(chunks.get("cHRM"), 8);
  const primaries =
    chromaticities === undefined ||
    chromaticities.every((value, nth) => isNear(value, SRGB_CHROMATICITIES[nth] ?? 0, SAME_CHROMATICITY))
      ? undefined
      : primariesOf(chromaticities);
  if (curve === undefined && primaries === undefined) return undefined;
  return { primaries: primaries ?? SRGB.primaries, curve: curve ?? SRGB.curve };
}

/** Returns the chunks about colours, which precede the pixels. */
function colourChunks(file: Buffer): ReadonlyMap<string, Buffer> {
  const chunks = new Map<string, Buffer>();
  for (let at = 8; at + 12 <= file.length;) {
    const type = file.toString("latin1", at + 4, at + 8);
    if (type === "IDAT") break;
    const end = at + 8 + file.readUInt32BE(at);
    if (["cICP", "iCCP", "sRGB", "gAMA", "cHRM"].includes(type)) chunks.set(type, file.subarray(at + 8, end));
    at = end + 4;
  }
  return chunks;
}

function numbers(data: Buffer | undefined, count: number): readonly number[] | undefined {
  if (data === undefined || data.length !== count * 4) return undefined;
  return Array.from({ length: count }, (_, nth) => data.readUInt32BE(nth * 4) / UNIT);
}

function isNear(value: number, wished: number, tolerance: number): boolean {
  return Math.abs(value - wished) <= tolerance;
}

/** Returns primaries in XYZ, adapted to D50; undefined if they span no colours. */
function primariesOf([wx = 0, wy = 0, ...rgb]: readonly number[]): RgbSpace["primaries"] | undefined {
  const [rx = 0, ry = 0, gx = 0, gy = 0, bx = 0, by = 0] = rgb;
  if ([wy, ry, gy, by].some((y) => y <= 0)) return undefined;
  const xyz = (x: number, y: number): Vector => [x / y, 1, (1 - x - y) / y];
  const [r, g, b] = [xyz(rx, ry), xyz(gx, gy), xyz(bx, by)];
  const white = xyz(wx, wy);
  const columns: Matrix = [
    [r[0], g[0], b[0]],
    [r[1], g[1], b[1]],
    [r[2], g[2], b[2]],
  ];
  const shares = inverse(columns);
  if (shares === undefined) return undefined;
  const [sr, sg, sb] = apply(shares, white);
  const cones = apply(BRADFORD, white);
  const back = inverse(BRADFORD);
  if (back === undefined || cones.some((cone) => cone <= 0)) return undefined;
  const target = apply(BRADFORD, D50);
  const adapted = (colour: Vector, share: number): Vector => {
    const [l, m, s] = apply(BRADFORD, colour);
    const scale = (cone: number, nth: 0 | 1 | 2): number => (cone * share * target[nth]) / cones[nth];
    return apply(back, [scale(l, 0), scale(m, 1), scale(s, 2)]);
  };
  return { rXYZ: adapted(r, sr), gXYZ: adapted(g, sg), bXYZ: adapted(b, sb) };
}

function apply(matrix: Matrix, [x, y, z]: Vector): Vector {
  const line = ([a, b, c]: Vector): number => a * x + b * y + c * z;
  return [line(matrix[0]), line(matrix[1]), line(matrix[2])];
}

function inverse([[a, b, c], [d, e, f], [g, h, i]]: Matrix): Matrix | undefined {
  const determinant = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g);
  if (Math.abs(determinant) < 1e-6) return undefined;
  const over = (value: number): number => value / determinant;
  return [
    [over(e * i - f * h), over(c * h - b * i), over(b * f - c * e)],
    [over(f * g - d * i), over(a * i - c * g), over(c * d - a * f)],
    [over(d * h - e * g), over(b * g - a * h), over(a * e - b * d)],
  ];
}
