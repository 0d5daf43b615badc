import { fileURLToPath, pathToFileURL } from "node:url";
import {
  hostOf,
  isPrivateHost,
  mayName,
  privateHostText,
  sha256,
  type BatchSource,
  isCovered,
  isRejected,
  type RejectedRow,
  type SnapshotRow,
  type SourceBounds,
  hasControlCharacter,
} from "@darkroom/core";
import { badRow, shown } from "./manifest-record.ts";
import { localPath } from "./manifest-url.ts";
import { readsAsUrl } from "./photo-place.ts";
import { slashed, windowsPathFault } from "./windows-path.ts";

/** S3's limit for a key, in UTF-8 bytes. */
const MAX_KEY_BYTES = 1_024;
const MAX_URL_CHARS = 8_192;

/** The location of a row's photo. */
export interface RowSource {
  /** A key under the base, or an absolute URL. */
  readonly source: string;
  /** The default id of a row. For a link, the id excludes the query, which may contain a signature. */
  readonly id: string;
  /**
   * The path from which a destination is built: the key under the base, or the last part of a URL. Empty without a
   * path.
   */
  readonly path: string;
}

/** Options that limit where the photos of a manifest's rows may be. */
type ManifestPlaces = Pick<Extract<BatchSource, { kind: "manifest" }>, "baseUrl" | "manifestSources" | "within">;

interface RowBounds extends SourceBounds {
  /** Prefixes that the submitter's key may read. They include the base. */
  readonly within: readonly string[] | undefined;
}

/** Parses the `source` of manifest rows. */
export interface SourceResolver {
  /** @throws DarkroomError `invalid_input` */
  (value: string): RowSource;
}

const SCHEME = /^(?:([a-z][a-z0-9+.-]+):\/\/|(data|file|ftp|https?|s3):)/i;
const IS_FOLDER = "source names a folder; name a photo, or submit the folder as a prefix";
const S3_URL = /^s3:\/\/([A-Za-z0-9][A-Za-z0-9._-]{1,254})\/(.+)$/is;

/** The message for a manifest that was sent inline, which has no folder of its own. */
export const NO_BASE =
  "source is relative, and it is unknown where the photos are: give baseUrl (--base), or write https:// URLs";
/** Returns the message for a store URL that is not allowed in such a manifest. */
export const NO_BOUNDS =
  "source names a store, and it is unknown which photos this manifest may name: give baseUrl (--base), or manifestSources (--manifest-sources)";
export const OUT_OF_BOUNDS =
  "source is outside of the batch's base, and this manifest may name nothing there: name a photo under the base, or submit with another baseUrl (--base), or with manifestSources (--manifest-sources)";

/** The message for a row whose photo the submitter's key may not read; see {@link isOutsideOfKey}. */
const OUTSIDE_OF_KEY =
  "source is outside of what the submitter's key may read; name a photo under one of the key's sources";

/** True for a row that was rejected because its submitter's key may not read its photo. */
export function isOutsideOfKey(row: SnapshotRow): row is RejectedRow {
  return isRejected(row) && row.rejected.message.includes(OUTSIDE_OF_KEY);
}

function bad(message: string): Error {
  return badRow("source", message);
}

/**
 * Creates the resolver of a manifest's sources. Relative sources are keys under the manifest's base. Absolute sources
 * under the base become such keys. {@link mayName} decides which others are allowed.
 */
export function sourceResolver({ baseUrl, manifestSources = [], within }: ManifestPlaces): SourceResolver {
  const bounds: RowBounds = {
    within,
    base: baseUrl === undefined ? undefined : plainFolder(baseUrl),
    others: manifestSources,
  };
  return (raw) => {
    const value = raw.trim();
    if (value === "") throw bad("source is blank; name the photo of this row");
    checkText(value);
    const found = SCHEME.exec(value);
    const scheme = (found?.[1] ?? found?.[2])?.toLowerCase();
    switch (scheme) {
      case undefined:
        if (bounds.base === undefined) throw bad(NO_BASE);
        return relativeSource(value, bounds);
      case "s3":
        return objectSource(s3Object(value), bounds);
      case "https":
        return linkSource(value);
      case "file":
        return objectSource(fileObject(value), bounds);
      case "http":
        throw bad(whyNoHttp(value));
      default:
        throw bad(`source begins with ${shown(scheme)}, which is not supported; use a key, s3:// or https://`);
    }
  };
}

/** Returns a base with a trailing slash, and a `file:` URL in this machine's notation. */
function plainFolder(baseUrl: string): string {
  const url = baseUrl.endsWith("/") ? baseUrl : `${baseUrl}/`;
  return url.startsWith("file:") ? pathToFileURL(localPath(url)).href : url;
}

function checkText(value: string): void {
  if (/[\r\n]/.test(value)) throw bad('source contains a line break; a quote (") may be missing on this line');
  if (hasControlCharacter(value)) throw bad("source contains a control character; remove it");
  if (!value.isWellFormed()) throw bad("source contains half of a character (a lone surrogate); write it again");
  if (value.length > MAX_URL_CHARS) throw bad(`source is longer than ${MAX_URL_CHARS} characters; shorten it`);
}

function checkKey(key: string): void {
  if (key.split("/").includes(".."))
    throw bad(
      "source contains .. and would leave its folder; write the path without it, or name a base above both (--base)",
    );
  if (Buffer.byteLength(key) > MAX_KEY_BYTES) throw bad(`source is longer than ${MAX_KEY_BYTES} bytes; shorten it`);
}

function relativeSource(value: string, bounds: RowBounds): RowSource {
  const isLocal = bounds.base?.startsWith("file:") === true;
  const fault = windowsPathFault(value, isLocal);
  if (fault !== undefined) throw bad(fault);
  if (value.includes("\\")) {
    // In an S3 key, a backslash may be intended. In a local path, a backslash certainly separates folders.
    if (!isLocal) throw bad(`source contains a backslash; write / between folders: ${slashed(value)}`);
    return relativeSource(slashed(value), bounds);
  }
  if (value.startsWith("/")) {
    if (!isLocal) throw bad("source is an absolute path; write it relative to the base, or as a URL");
    checkKey(value);
    return objectSource(fileObject(pathToFileURL(value).href), bounds);
  }
  if (isLocal && value.startsWith("~/")) {
    throw bad("source begins with ~, which only a shell expands to a folder; write the full path, starting with /");
  }
  checkKey(value);
  return keySource(value.replace(/^(?:\.\/+)+/, ""));
}

function keySource(key: string): RowSource {
  refuseUrlKey(key);
  const path = plainPath(key);
  if (path === "" || key.endsWith("/")) throw bad(IS_FOLDER);
  return { source: key, id: key, path };
}

/** A key like `s3://bucket/a.jpg` would later be read as that URL, and might name a photo that the row may not use. */
export function refuseUrlKey(key: string): void {
  if (readsAsUrl(key)) throw bad(`the photo's key, ${shown(key)}, looks like a URL; give the photo another name`);
}

/** Returns a key's path without empty and dot segments, which are not allowed in a destination. */
export function plainPath(key: string): string {
  if (!/(?:^|\/)\.?(?:\/|$)/.test(key)) return key;
  return key
    .split("/")
    .filter((segment) => segment !== "" && segment !== ".")
    .join("/");
}

/** An object that a row names by its URL. */
interface NamedObject {
  /** Normalized for the comparison with bounds. */
  readonly url: string;
  /** Returns the object's key under a base, if the object is under that base; not encoded. */
  readonly keyUnder: (base: string) => string;
  readonly name: string;
}

function objectSource({ url, keyUnder, name }: NamedObject, bounds: RowBounds): RowSource {
  const { base, others, within } = bounds;
  if (base !== undefined && url.startsWith(base)) return keySource(keyUnder(base));
  // A local path outside of the base may contain a link to any folder, so its prefix proves nothing.
  if (within !== undefined && (url.startsWith("file:") || !isCovered(url, within))) throw bad(OUTSIDE_OF_KEY);
  if (!mayName(url, bounds)) throw bad(base === undefined && others.length === 0 ? NO_BOUNDS : OUT_OF_BOUNDS);
  if (name === "") throw bad(IS_FOLDER);
  return { source: url, id: url, path: name };
}

function s3Object(value: string): NamedObject {
  const [, bucket, key] = S3_URL.exec(value) ?? [];
  if (bucket === undefined || key === undefined) throw bad("source is not a complete S3 URL; write s3://bucket/key");
  checkKey(key);
  const url = `s3://${bucket}/${key}`;
  return { url, keyUnder: (base) => url.slice(base.length), name: lastSegment(key) };
}

function fileObject(value: string): NamedObject {
  let path: string;
  try {
    if (decodeURIComponent(value).split(/[/\\]/).includes("..")) checkKey("..");
    path = fileURLToPath(value);
  } catch (error) {
    if (error instanceof Error && error.name === "DarkroomError") throw error;
    throw bad("source is not a valid file URL; write file:///folder/photo.jpg with special characters percent-encoded");
  }
  if (hasControlCharacter(path)) throw bad("source contains a control character; remove it");
  return {
    url: pathToFileURL(path).href,
    keyUnder: (base) => path.slice(localPath(base).length),
    name: lastSegment(path),
  };
}

/** An address in a private network would be rejected with https:// too. */
function whyNoHttp(value: string): string {
  const url = URL.parse(value);
  if (url !== null && isPrivateHost(url))
    return `${privateHostText(hostOf(url))}; upload the photo, or give a public https:// link`;
  return "source begins with http://, which is not protected against reading and changes on the way; use https://";
}

function linkSource(value: string): RowSource {
  const url = URL.parse(value);
  if (url === null || !/^https:\/\/[^/]/i.test(value) || url.hostname === "") {
    throw bad("source is not a valid URL; write https://host/photo.jpg");
  }
  if (url.username !== "" || url.password !== "") {
    throw bad("source contains a user name or password; use a link that needs none, for instance a presigned one");
  }
  const plain = `https://${url.host}${url.pathname}`;
  const id = url.search === "" ? plain : `${plain}?${shortHash(url.search)}`;
  return { source: value, id, path: decodedName(lastSegment(url.pathname)) };
}

/** Returns a hash that distinguishes links that differ only in their query. */
function shortHash(text: string): string {
  return sha256(text).slice(0, 16);
}

function lastSegment(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

function decodedName(name: string): string {
  try {
    return decodeURIComponent(name).replaceAll(/[/\\]/g, "-");
  } catch {
    return name;
  }
}
