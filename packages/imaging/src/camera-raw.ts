/** TIFF tags: reduced-size picture, and DNG version. */
const NEW_SUBFILE_TYPE = 254;
const DNG_VERSION = 50_706;
const IFD_ENTRY_BYTES = 12;

/**
 * True for a camera's raw file in TIFF format (CR2, NEF, ARW, DNG), whose first picture is a thumbnail and must not be
 * used as the photo. Also false when the directory is outside these bytes.
 */
export function isCameraRaw(bytes: Uint8Array): boolean {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (file.length < 10) return false;
  if (file.toString("latin1", 8, 10) === "CR") return true;
  const little = file[0] === 0x49;
  // A BigTIFF has its directory elsewhere, and cameras do not write BigTIFF.
  if (file[little ? 2 : 3] === 0x2b) return false;
  const short = (at: number): number => (little ? file.readUInt16LE(at) : file.readUInt16BE(at));
  const long = (at: number): number => (little ? file.readUInt32LE(at) : file.readUInt32BE(at));
  const directory = long(4);
  if (directory + 2 > file.length) return false;
  const entries = short(directory);
  for (let nth = 0; nth < entries; nth += 1) {
    const entry = directory + 2 + nth * IFD_ENTRY_BYTES;
    if (entry + IFD_ENTRY_BYTES > file.length) return false;
    const tag = short(entry);
    if (tag === DNG_VERSION || (tag === NEW_SUBFILE_TYPE && (long(entry + 8) & 1) === 1)) return true;
  }
  return false;
}
