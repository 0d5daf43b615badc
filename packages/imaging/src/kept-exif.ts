/**
 * EXIF tags of a source that its results keep, by number (Exif 3.0, JEITA CP-3451F). All others are dropped, for
 * example location, maker notes, serial numbers, owner name, comments and thumbnail.
 */
const KEPT_IMAGE_TAGS = new Set([
  0x010e, // ImageDescription
  0x010f, // Make
  0x0110, // Model
  0x013b, // Artist
  0x8298, // Copyright
]);
const KEPT_PHOTO_TAGS = new Set([
  0x829a, // ExposureTime
  0x829d, // FNumber
  0x8827, // PhotographicSensitivity
  0x9003, // DateTimeOriginal
  0x9011, // OffsetTimeOriginal
  0x920a, // FocalLength
  0x9291, // SubSecTimeOriginal
  0xa433, // LensMake
  0xa434, // LensModel
]);
/** Authorship and copyright, for cuts, which keep no other tags. */
const RIGHTS_TAGS = new Set([0x013b, 0x8298]);

const PHOTO_POINTER = 0x8769;
/** Bytes per value of each TIFF type, by the type's number. */
const VALUE_BYTES = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8];
const LONG = 4;
const ENTRY_BYTES = 12;
/** Maximum length of a kept tag, because all tags of a JPEG share 64 KiB. */
const MOST_VALUE_BYTES = 2_000;

interface Entry {
  readonly tag: number;
  readonly type: number;
  readonly count: number;
  readonly value: Buffer;
}

/**
 * Builds a TIFF block with the kept tags of a source's EXIF, their values copied byte for byte.
 *
 * @param exif as sharp returns it, with or without its `Exif` header
 * @param which only authorship and copyright, or all kept tags
 * @returns undefined if there are none, or the EXIF is unreadable
 */
export function keptExif(exif: Uint8Array, which: "all" | "rights" = "all"): Buffer | undefined {
  const whole = Buffer.from(exif.buffer, exif.byteOffset, exif.length);
  const tiff = whole.toString("latin1", 0, 6) === "Exif\0\0" ? whole.subarray(6) : whole;
  const order = tiff.toString("latin1", 0, 4);
  if (tiff.length < 8 || (order !== "II*\0" && order !== "MM\0*")) return undefined;
  const numbers = order === "II*\0" ? LITTLE : BIG;
  const image = entriesAt(tiff, numbers.long(tiff, 4), numbers);
  const pointer = image.find(({ tag, value }) => tag === PHOTO_POINTER && value.length === 4);
  const photo =
    pointer === undefined || which === "rights" ? [] : entriesAt(tiff, numbers.long(pointer.value, 0), numbers);
  const keptImage = image.filter(({ tag }) => (which === "rights" ? RIGHTS_TAGS : KEPT_IMAGE_TAGS).has(tag));
  const keptPhoto = photo.filter(({ tag }) => KEPT_PHOTO_TAGS.has(tag));
  return keptImage.length + keptPhoto.length === 0 ? undefined : written(keptImage, keptPhoto, numbers);
}

interface Numbers {
  readonly mark: string;
  short(bytes: Buffer, at: number): number;
  long(bytes: Buffer, at: number): number;
  writeShort(bytes: Buffer, value: number, at: number): void;
  writeLong(bytes: Buffer, value: number, at: number): void;
}

const LITTLE: Numbers = {
  mark: "II*\0",
  short: (bytes, at) => bytes.readUInt16LE(at),
  long: (bytes, at) => bytes.readUInt32LE(at),
  writeShort: (bytes, value, at) => void bytes.writeUInt16LE(value, at),
  writeLong: (bytes, value, at) => void bytes.writeUInt32LE(value, at),
};
const BIG: Numbers = {
  mark: "MM\0*",
  short: (bytes, at) => bytes.readUInt16BE(at),
  long: (bytes, at) => bytes.readUInt32BE(at),
  writeShort: (bytes, value, at) => void bytes.writeUInt16BE(value, at),
  writeLong: (bytes, value, at) => void bytes.writeUInt32BE(value, at),
};

/** Returns the entries of a directory that are completely within the block, each tag once. */
function entriesAt(tiff: Buffer, start: number, numbers: Numbers): readonly Entry[] {
  if (start < 8 || start + 2 > tiff.length) return [];
  const entries = new Map<number, Entry>();
  const count = numbers.short(tiff, start);
  for (let place = 0; place < count; place += 1) {
    const at = start + 2 + place * ENTRY_BYTES;
    if (at + ENTRY_BYTES > tiff.length) break;
    const [tag, type, values] = [numbers.short(tiff, at), numbers.short(tiff, at + 2), numbers.long(tiff, at + 4)];
    const bytes = (VALUE_BYTES[type] ?? 0) * values;
    const from = bytes <= 4 ? at + 8 : numbers.long(tiff, at + 8);
    if (bytes === 0 || bytes > MOST_VALUE_BYTES || from + bytes > tiff.length || entries.has(tag)) continue;
    entries.set(tag, { tag, type, count: values, value: tiff.subarray(from, from + bytes) });
  }
  return [...entries.values()];
}

/** Writes a block with the two directories, one after the other, in the byte order of the values. */
function written(image: readonly Entry[], photo: readonly Entry[], numbers: Numbers): Buffer {
  const head = Buffer.from(`${numbers.mark}\0\0\0\0`, "latin1");
  numbers.writeLong(head, 8, 4);
  if (photo.length === 0) return Buffer.concat([head, directory(image, 8, numbers)]);
  const pointer = { tag: PHOTO_POINTER, type: LONG, count: 1, value: Buffer.alloc(4) };
  const first = directory([...image, pointer], 8, numbers);
  numbers.writeLong(pointer.value, 8 + first.length, 0);
  return Buffer.concat([head, directory([...image, pointer], 8, numbers), directory(photo, 8 + first.length, numbers)]);
}

/** Writes a directory, followed by the values that do not fit into its entries. */
function directory(unordered: readonly Entry[], start: number, numbers: Numbers): Buffer {
  const entries = unordered.toSorted((a, b) => a.tag - b.tag);
  const table = Buffer.alloc(2 + entries.length * ENTRY_BYTES + 4);
  const behind: Buffer[] = [];
  let end = start + table.length;
  numbers.writeShort(table, entries.length, 0);
  for (const [place, { tag, type, count, value }] of entries.entries()) {
    const at = 2 + place * ENTRY_BYTES;
    numbers.writeShort(table, tag, at);
    numbers.writeShort(table, type, at + 2);
    numbers.writeLong(table, count, at + 4);
    if (value.length <= 4) {
      value.copy(table, at + 8);
      continue;
    }
    numbers.writeLong(table, end, at + 8);
    // Values start at even offsets.
    const padded = value.length % 2 === 0 ? value : Buffer.concat([value, Buffer.alloc(1)]);
    behind.push(padded);
    end += padded.length;
  }
  return Buffer.concat([table, ...behind]);
}
