export type Content =
  | { readonly kind: "picture"; readonly contentType: string }
  | { readonly kind: "other"; readonly message: string };

const picture = (contentType: string): Content => ({ kind: "picture", contentType });

/** ISO base media brands of still pictures. */
const HEIC_BRANDS = new Set(["heic", "heix", "hevc", "hevx", "heim", "heis"]);
const GENERIC_BRANDS = new Set(["mif1", "msf1"]);
const AVIF_BRANDS = new Set(["avif", "avis"]);

/** What a file is, by its first bytes and never by its name. */
export function sniffContent(bytes: Uint8Array): Content {
  const text = (start: number, end: number): string => Buffer.from(bytes.subarray(start, end)).toString("latin1");
  if (bytes.length === 0) return { kind: "other", message: "the file is empty" };
  if (bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff) return picture("image/jpeg");
  if (text(0, 8) === "\x89PNG\r\n\x1a\n") return picture("image/png");
  if (text(0, 4) === "RIFF" && text(8, 12) === "WEBP") return picture("image/webp");
  if (/^GIF8[79]a/.test(text(0, 6))) return picture("image/gif");
  if (text(0, 4) === "II*\0" || text(0, 4) === "MM\0*") return picture("image/tiff");
  if (text(4, 8) === "ftyp") {
    // "mif1" says only that it is a still picture; the compatible brands after it say of which kind.
    const brands = text(8, Math.min(bytes.length, boxBytes(bytes))).match(/.{4}/gs) ?? [];
    if (AVIF_BRANDS.has(brands[0] ?? "") || (GENERIC_BRANDS.has(brands[0] ?? "") && has(brands, AVIF_BRANDS))) {
      return picture("image/avif");
    }
    if (GENERIC_BRANDS.has(brands[0] ?? "") || HEIC_BRANDS.has(brands[0] ?? "")) return picture("image/heic");
    return { kind: "other", message: "the file is a video, not a picture" };
  }
  if (text(0, 4) === "%PDF") return { kind: "other", message: "the file is a PDF, not a picture" };
  if (text(0, 2) === "PK")
    return { kind: "other", message: "the file is a ZIP archive or an office document, not a picture" };
  const start = text(0, 400)
    .replace(/^\xef\xbb\xbf/, "")
    .trimStart();
  if (/^<(?:!--|!doctype|html|head|body|\?xml|svg|error)\b/i.test(start) || start.startsWith("<!--")) {
    return { kind: "other", message: "the file is a web page or XML, not a picture" };
  }
  if (bytes.subarray(0, 64).every((byte) => byte === 0))
    return { kind: "other", message: "the file holds nothing but zeros" };
  if (start !== "" && /^[\t\n\r\x20-\x7e\x80-\xff]*$/.test(start) && isUtf8(bytes.subarray(0, 400))) {
    return { kind: "other", message: "the file is text, not a picture" };
  }
  return { kind: "other", message: "the file is not a picture of a known kind" };
}

function has(brands: readonly string[], wished: ReadonlySet<string>): boolean {
  return brands.some((brand) => wished.has(brand));
}

/** The length that the first box of an ISO base media file gives for itself. */
function boxBytes(bytes: Uint8Array): number {
  return Buffer.from(bytes.buffer, bytes.byteOffset, 4).readUInt32BE(0);
}

/** Whether it is UTF-8, a character cut off at its end aside. */
function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}
