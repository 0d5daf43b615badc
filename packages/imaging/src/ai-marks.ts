import { inflateSync } from "node:zlib";
import { isManifestSegment, isMarkChunk, isXmpSegment, XMP_HEAD, XMP_KEYWORD } from "./ai-mark-parts.ts";
import { jpegSegments } from "./jpeg-metadata.ts";
import { pngChunks } from "./png-metadata.ts";
import { sniffContent } from "./sniff-content.ts";
import { webpChunks } from "./webp-metadata.ts";
import type { ResultFormat } from "./with-metadata.ts";

/** IPTC's terms for how a picture came to be (https://cv.iptc.org/newscodes/digitalsourcetype/). */
const SOURCE_TYPES = "http://cv.iptc.org/newscodes/digitalsourcetype/";
/** The term for a photo of which parts were made by a generative model. */
export const MADE_WITH_AI = `${SOURCE_TYPES}compositeWithTrainedAlgorithmicMedia`;
/** Terms that say that AI was used. Other terms are not kept, because they would deny it. */
const AI_TYPES = new Set(
  ["trainedAlgorithmicMedia", "compositeWithTrainedAlgorithmicMedia", "algorithmicallyEnhanced"].map(
    (term) => `${SOURCE_TYPES}${term}`,
  ),
);

const FORMATS = ["jpeg", "png", "webp"] as const;

/** The marks in a picture's file that declare it as made with AI. */
export interface AiMarks {
  /** True if the file contains a C2PA manifest (C2PA specification 2.1, appendix A.3). */
  readonly hasManifest: boolean;
  /** IPTC's term in the file's XMP, if it says that AI was used. */
  readonly sourceType: string | undefined;
  /** True if the XMP says nothing but how the picture was made, and the manifest no place and no serial number. */
  readonly isHarmless: boolean;
}

/** Reads the marks of a picture. A file of another format, or with inconsistent parts, has none. */
export function aiMarks(bytes: Uint8Array): AiMarks {
  const { manifest, xmp } = markParts(bytes);
  const type = xmp === undefined ? undefined : sourceTypeOf(xmp);
  const isAi = type !== undefined && AI_TYPES.has(type);
  return {
    hasManifest: manifest !== undefined,
    sourceType: isAi ? type : undefined,
    isHarmless: (xmp === undefined || (isAi && saysOnlyHow(xmp))) && !namesPlaceOrCamera(manifest),
  };
}

/** The parts of a file that say how it was made. */
interface MarkParts {
  /** The C2PA manifest store, in one piece. */
  readonly manifest: Buffer | undefined;
  /** The XMP packet. */
  readonly xmp: string | undefined;
}

/** Returns the parts of a picture's file that say how it was made. */
export function markParts(bytes: Uint8Array): MarkParts {
  const content = sniffContent(bytes);
  const format = FORMATS.find((each) => content.kind === "picture" && content.contentType === `image/${each}`);
  const none = { manifest: undefined, xmp: undefined };
  if (format === undefined) return none;
  try {
    return partsOf(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), format);
  } catch (error) {
    if (error instanceof RangeError) return none;
    throw error;
  }
}

function partsOf(file: Buffer, format: ResultFormat): MarkParts {
  switch (format) {
    case "jpeg": {
      const { segments } = jpegSegments(file);
      const manifest = segments.filter((segment) => isManifestSegment(segment)).map((segment) => segment.subarray(12));
      const xmp = segments.find((segment) => isXmpSegment(segment));
      return { manifest: joined(manifest), xmp: xmp?.toString("utf8", 4 + XMP_HEAD.length) };
    }
    case "png": {
      const chunks = pngChunks(file);
      const manifest = chunks.filter(({ type }) => type === "caBX").map(({ data }) => data);
      const xmp = chunks.find(({ type, data }) => type === "iTXt" && isMarkChunk(type, data));
      return { manifest: joined(manifest), xmp: xmp === undefined ? undefined : internationalText(xmp.data) };
    }
    case "webp": {
      const chunks = webpChunks(file);
      const manifest = chunks.filter(({ type }) => type === "C2PA").map(({ data }) => data);
      const xmp = chunks.find(({ type }) => type === "XMP ");
      return { manifest: joined(manifest), xmp: xmp?.data.toString("utf8") };
    }
  }
  return format satisfies never;
}

/** Returns the text of a PNG's `iTXt` chunk: keyword, compression, language and translated keyword come before it. */
function internationalText(data: Buffer): string {
  const isCompressed = data[XMP_KEYWORD.length] === 1;
  let at = XMP_KEYWORD.length + 2;
  for (let ends = 0; ends < 2; ends += 1) at = data.indexOf(0, at) + 1;
  const text = data.subarray(at);
  return (isCompressed ? inflateSync(text, { maxOutputLength: MAX_XMP_BYTES }) : text).toString("utf8");
}

const MAX_XMP_BYTES = 1_048_576;

function joined(parts: readonly Buffer[]): Buffer | undefined {
  return parts.length === 0 ? undefined : Buffer.concat(parts);
}

function sourceTypeOf(xmp: string): string | undefined {
  const [, attribute, element, resource] =
    /\bDigitalSourceType(?:\s*=\s*["']([^"']+)["']|\s*>\s*([^<\s]+)|\s[^>]*?rdf:resource\s*=\s*["']([^"']+)["'])/.exec(
      xmp,
    ) ?? [];
  return attribute ?? element ?? resource;
}

/** Names of a packet that says only how the picture was made. */
const HARMLESS = new Set(
  (
    "x:xmpmeta x:xmptk rdf:RDF rdf:Description rdf:about rdf:resource Iptc4xmpExt:DigitalSourceType " +
    "dcterms:provenance xmp:CreatorTool"
  ).split(" "),
);

/** True if all names in the packet are known, so that it cannot contain a place, a person or a camera. */
function saysOnlyHow(xmp: string): boolean {
  const names = [...xmp.matchAll(/(?:[<\s/])([A-Za-z_][\w.-]*:[A-Za-z_][\w.-]*)/g)].map(([, name = ""]) => name);
  return names.every((name) => name.startsWith("xmlns:") || HARMLESS.has(name));
}

/**
 * True if a manifest repeats EXIF of a photo that results must not keep. Its assertions name the fields in plain text
 * (C2PA specification 2.1, 18.17): `exif:GPSLatitude`, `exifEX:BodySerialNumber`.
 */
function namesPlaceOrCamera(manifest: Buffer | undefined): boolean {
  return manifest !== undefined && /GPS[A-Z]|SerialNumber/.test(manifest.toString("latin1"));
}

/** Returns an XMP packet that says only how the picture was made. */
export function xmpOf(sourceType: string): Buffer {
  return Buffer.from(
    `<?xpacket begin="\uFEFF" id="W5M0MpCehiHzreSzNTczkc9d"?>` +
      `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">` +
      `<rdf:Description rdf:about="" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" ` +
      `Iptc4xmpExt:DigitalSourceType="${sourceType}"/></rdf:RDF></x:xmpmeta><?xpacket end="r"?>`,
  );
}
