/** Four bytes per pixel: red, green, blue, alpha. */
export interface RawPicture {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

const SHORT = 3;
const LONG = 4;
const UNDEFINED = 7;
const HEADER_BYTES = 8;
const ENTRY_BYTES = 12;
const CHANNELS = 4;

/** Writes raw pixels as a TIFF 6.0 file with their colour profile, the only way to pass a profile to sharp. */
export function uncompressedTiff({ width, height, data }: RawPicture, profile: Uint8Array): Buffer {
  const depthsAt = HEADER_BYTES;
  const profileAt = depthsAt + CHANNELS * 2;
  // Directories start at even offsets.
  const directoryAt = profileAt + profile.length + (profile.length % 2);
  const entries: readonly (readonly [tag: number, type: number, count: number, value: number])[] = [
    [256, LONG, 1, width],
    [257, LONG, 1, height],
    [258, SHORT, CHANNELS, depthsAt],
    [259, SHORT, 1, 1],
    [262, SHORT, 1, 2],
    [273, LONG, 1, 0],
    [277, SHORT, 1, CHANNELS],
    [278, LONG, 1, height],
    [279, LONG, 1, data.length],
    [338, SHORT, 1, 2],
    [34_675, UNDEFINED, profile.length, profileAt],
  ];
  const pixelsAt = directoryAt + 2 + entries.length * ENTRY_BYTES + 4;
  const head = Buffer.alloc(pixelsAt);
  head.write("II*\0", "latin1");
  head.writeUInt32LE(directoryAt, 4);
  for (let channel = 0; channel < CHANNELS; channel += 1) head.writeUInt16LE(8, depthsAt + channel * 2);
  head.set(profile, profileAt);
  head.writeUInt16LE(entries.length, directoryAt);
  for (const [nth, [tag, type, count, value]] of entries.entries()) {
    const entry = directoryAt + 2 + nth * ENTRY_BYTES;
    head.writeUInt16LE(tag, entry);
    head.writeUInt16LE(type, entry + 2);
    head.writeUInt32LE(count, entry + 4);
    head.writeUInt32LE(tag === 273 ? pixelsAt : value, entry + 8);
  }
  return Buffer.concat([head, data]);
}
