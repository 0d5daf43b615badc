/**
 * An RGB colour space: its primaries in XYZ, adapted to D50, and the parameters of its curve (ICC.1:2022, 10.18, type
 * 3).
 */
export interface RgbSpace {
  readonly primaries: Readonly<Record<"rXYZ" | "gXYZ" | "bXYZ", readonly [number, number, number]>>;
  readonly curve: readonly [gamma: number, a: number, b: number, c: number, d: number];
}

/** Adobe RGB (1998). */
export const ADOBE_RGB: RgbSpace = {
  primaries: {
    rXYZ: [0.60974, 0.31111, 0.01947],
    gXYZ: [0.20528, 0.62567, 0.06087],
    bXYZ: [0.14919, 0.06322, 0.74457],
  },
  curve: [563 / 256, 1, 0, 0, 0],
};

/** IEC 61966-2-1. */
export const SRGB: RgbSpace = {
  primaries: {
    rXYZ: [0.43607, 0.22249, 0.01392],
    gXYZ: [0.38515, 0.71687, 0.09708],
    bXYZ: [0.14307, 0.06061, 0.7141],
  },
  curve: [2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045],
};

/** Display P3: the primaries of P3 with the curve of sRGB. */
export const DISPLAY_P3: RgbSpace = {
  primaries: {
    rXYZ: [0.51512, 0.2412, -0.00105],
    gXYZ: [0.29198, 0.69225, 0.04189],
    bXYZ: [0.1571, 0.06657, 0.78407],
  },
  curve: SRGB.curve,
};

const HEADER_BYTES = 128;
const D50 = [0.9642, 1, 0.8249] as const;

/** Builds a colour profile (ICC.1, version 4) of an RGB space. */
export function matrixProfile({ primaries, curve }: RgbSpace): Buffer {
  const para = Buffer.concat([Buffer.from("para\0\0\0\0\0\x03\0\0", "latin1"), fixed(curve)]);
  const xyz = (values: readonly number[]): Buffer =>
    Buffer.concat([Buffer.from("XYZ \0\0\0\0", "latin1"), fixed(values)]);
  const tags: readonly (readonly [name: string, data: Buffer])[] = [
    ["wtpt", xyz(D50)],
    ...Object.entries(primaries).map(([name, values]) => [name, xyz(values)] as const),
    ...["rTRC", "gTRC", "bTRC"].map((name) => [name, para] as const),
  ];
  const table = Buffer.alloc(4 + tags.length * 12);
  table.writeUInt32BE(tags.length);
  let at = HEADER_BYTES + table.length;
  for (const [nth, [name, data]] of tags.entries()) {
    table.write(name, 4 + nth * 12, "latin1");
    table.writeUInt32BE(at, 8 + nth * 12);
    table.writeUInt32BE(data.length, 12 + nth * 12);
    at += data.length;
  }
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt32BE(at);
  header.writeUInt32BE(0x04200000, 8);
  header.write("mntrRGB XYZ ", 12, "latin1");
  header.write("acsp", 36, "latin1");
  header.set(fixed(D50), 68);
  return Buffer.concat([header, table, ...tags.map(([, data]) => data)]);
}

/** Fixed-point numbers with 16 bits before and after the point. */
function fixed(values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [nth, value] of values.entries()) bytes.writeInt32BE(Math.round(value * 65_536), nth * 4);
  return bytes;
}
