export type Content =
  | { readonly kind: "picture"; readonly contentType: string }
  | {
      readonly kind: "other";
      /** `unsupported_format` for a picture in a format that is not supported. */
      readonly code: "invalid_image" | "unsupported_format";
      readonly message: string;
    };

const picture = (contentType: string): Content => ({ kind: "picture", contentType });
const noPicture = (message: string): Content => ({ kind: "other", code: "invalid_image", message });

/** Unsupported picture formats, identified by letters near the start. */
const UNREAD: readonly (readonly [at: number, letters: string, name: string])[] = [
  [0, "8BPS", "a Photoshop document"],
  [0, "\xff\x0a", "a JPEG XL picture"],
  [4, "JXL ", "a JPEG XL picture"],
  [4, "jP  ", "a JPEG 2000 picture"],
  [0, "FUJIFILMCCD-RAW", "a camera's raw file"],
  [0, "IIU\0", "a camera's raw file"],
  [0, "IIRO", "a camera's raw file"],
  [0, "IIRS", "a camera's raw file"],
  [4, "ftypcrx ", "a camera's raw file"],
];

/** ISO base media brands of still pictures. */
const HEIC_BRANDS = new Set(["heic", "heix", "hevc", "hevx", "heim", "heis"]);
const GENERIC_BRANDS = new Set(["mif1", "msf1"]);
const AVIF_BRANDS = new Set(["avif", "avis"]);

/** Returns the type of a file by its first bytes, never by its name. */
export function sniffContent(bytes: Uint8Array): Content {
  const text = (start: number, end: number): string => Buffer.from(bytes.subarray(start, end)).toString("latin1");
  if (bytes.length === 0) return noPicture("the file is empty");
  if (bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff) return picture("image/jpeg");
  if (text(0, 8) === "\x89PNG\r\n\x1a\n") return picture("image/png");
  if (text(0, 4) === "RIFF" && text(8, 12) === "WEBP") return picture("image/webp");
  if (/^GIF8[79]a/.test(text(0, 6))) return picture("image/gif");
  // "+" in place of "*" means BigTIFF.
  if (/^(?:II[*+]\0|MM\0[*+])/.test(text(0, 4))) return picture("image/tiff");
  const unread = text(0, 2) === "BM" && text(6, 10) === "\0\0\0\0" ? "a BMP picture" : unreadPicture(text);
  if (unread !== undefined) {
    const message = `the file is ${unread}, which is not supported; save it as JPEG or PNG`;
    return { kind: "other", code: "unsupported_format", message };
  }
  if (text(4, 8) === "ftyp") {
    // "mif1" only means a still picture. The compatible brands after it specify the format.
    const brands = text(8, Math.min(bytes.length, boxBytes(bytes))).match(/.{4}/gs) ?? [];
    if (AVIF_BRANDS.has(brands[0] ?? "") || (GENERIC_BRANDS.has(brands[0] ?? "") && has(brands, AVIF_BRANDS))) {
      return picture("image/avif");
    }
    if (GENERIC_BRANDS.has(brands[0] ?? "") || HEIC_BRANDS.has(brands[0] ?? "")) return picture("image/heic");
    return noPicture("the file is a video, not a picture");
  }
  if (text(0, 4) === "%PDF") return noPicture("the file is a PDF, not a picture");
  if (text(0, 2) === "PK") return noPicture("the file is a ZIP archive or an office document, not a picture");
  const start = text(0, 400)
    .replace(/^\xef\xbb\xbf/, "")
    .trimStart();
  if (/^<(?:!--|!doctype|html|head|body|\?xml|svg|error)\b/i.test(start) || start.startsWith("<!--")) {
    return noPicture("the file is a web page or XML, not a picture");
  }
  if (bytes.subarray(0, 64).every((byte) => byte === 0)) return noPicture("the file contains nothing but zeros");
  if (start !== "" && /^[\t\n\r\x20-\x7e\x80-\xff]*$/.test(start) && isUtf8(bytes.subarray(0, 400))) {
    return noPicture("the file is text, not a picture");
  }
  return noPicture("the file is not a picture of a known format");
}

function unreadPicture(text: (start: number, end: number) => string): string | undefined {
  return UNREAD.find(([at, letters]) => text(at, at + letters.length) === letters)?.[2];
}

function has(brands: readonly string[], wished: ReadonlySet<string>): boolean {
  return brands.some((brand) => wished.has(brand));
}

/** Returns the length of an ISO base media file's first box. */
function boxBytes(bytes: Uint8Array): number {
  return Buffer.from(bytes.buffer, bytes.byteOffset, 4).readUInt32BE(0);
}

/** True for UTF-8, ignoring a truncated last character. */
function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}
