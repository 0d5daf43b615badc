export type Content =
  | { readonly kind: "picture"; readonly contentType: string }
  | { readonly kind: "other"; readonly message: string };

const picture = (contentType: string): Content => ({ kind: "picture", contentType });

/** ISO base media brands of still pictures. */
const HEIF_BRANDS = new Set(["heic", "heix", "hevc", "hevx", "heim", "heis", "mif1", "msf1"]);
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
    const brand = text(8, 12);
    if (AVIF_BRANDS.has(brand)) return picture("image/avif");
    if (HEIF_BRANDS.has(brand)) return picture("image/heic");
    return { kind: "other", message: "the file is a video, not a picture" };
  }
  if (text(0, 4) === "%PDF") return { kind: "other", message: "the file is a PDF, not a picture" };
  if (text(0, 2) === "PK")
    return { kind: "other", message: "the file is a ZIP archive or an office document, not a picture" };
  if (/^\s*(<!doctype html|<html|<\?xml|<svg)/i.test(text(0, 200))) {
    return { kind: "other", message: "the file is a web page or XML, not a picture" };
  }
  if (bytes.subarray(0, 64).every((byte) => byte === 0))
    return { kind: "other", message: "the file holds nothing but zeros" };
  return { kind: "other", message: "the file is not a picture of a known kind" };
}
