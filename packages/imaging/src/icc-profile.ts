/** Tags of the three primaries, and their values in sRGB's profile (adapted to D50, IEC 61966-2-1 annex). */
const SRGB_PRIMARIES: Readonly<Record<string, readonly [number, number, number]>> = {
  rXYZ: [0.4361, 0.2225, 0.0139],
  gXYZ: [0.3851, 0.7169, 0.0971],
  bXYZ: [0.1431, 0.0606, 0.7139],
};
/** Profiles by different vendors differ by less than this, Display P3 and Adobe RGB by far more. */
const TOLERANCE = 0.01;
const TAG_TABLE_START = 132;
const TAG_ENTRY_BYTES = 12;
const XYZ_BYTES = 20;

/**
 * True for a colour profile (ICC.1:2022) with sRGB's primaries, so that a reader that ignores the profile shows the
 * right colours.
 */
export function isSrgbProfile(profile: Uint8Array): boolean {
  const file = Buffer.from(profile.buffer, profile.byteOffset, profile.byteLength);
  if (file.length < TAG_TABLE_START) return false;
  const count = Math.min(file.readUInt32BE(TAG_TABLE_START - 4), 100);
  let alike = 0;
  for (let nth = 0; nth < count; nth += 1) {
    const entry = TAG_TABLE_START + nth * TAG_ENTRY_BYTES;
    if (entry + TAG_ENTRY_BYTES > file.length) return false;
    const wished = SRGB_PRIMARIES[file.toString("latin1", entry, entry + 4)];
    const start = file.readUInt32BE(entry + 4);
    if (wished === undefined || start + XYZ_BYTES > file.length) continue;
    // The XYZ type: four letters, four zeros, three fixed-point numbers with 16 bits before and after the point.
    const isAlike = wished.every(
      (value, axis) => Math.abs(file.readInt32BE(start + 8 + axis * 4) / 65_536 - value) < TOLERANCE,
    );
    if (isAlike) alike += 1;
  }
  return alike === 3;
}
