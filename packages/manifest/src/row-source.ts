import { fileURLToPath } from "node:url";
import { badRow, shown } from "./manifest-record.ts";
import { localPath } from "./manifest-url.ts";
import { sha256 } from "@darkroom/core";

/** S3's limit on a key, in UTF-8 bytes. */
const MAX_KEY_BYTES = 1_024;
const MAX_URL_CHARS = 8_192;

/** Where the photo of a row is. */
export interface RowSource {
  /** A key under the base, or an absolute URL. */
  readonly source: string;
  /** The id of a row that names none. For a link it holds no query, which may be a signature. */
  readonly id: string;
  /** The path that a destination is made of: the key under the base, or the last part of a URL. Empty when it has none. */
  readonly path: string;
}

/** Reads the `source` of manifest rows. */
export interface SourceResolver {
  /** @throws DarkroomError `invalid_input` */
  (value: string): RowSource;
}

// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const CONTROL = /[\u0000-\u001f\u007f]/;
const SCHEME = /^(?:([a-z][a-z0-9+.-]+):\/\/|(data|file|ftp|https?|s3):)/i;
const S3_URL = /^s3:\/\/([A-Za-z0-9][A-Za-z0-9._-]{1,254})\/(.+)$/is;

/** Of a manifest that was sent along, which has no folder of its own. */
export const NO_BASE =
  "source is relative, and nothing says where the photos lie: give baseUrl (--base), or write s3:// or https:// URLs";

function bad(message: string): Error {
  return badRow("source", message);
}

/**
 * @param baseUrl relative sources are keys under this; absolute ones that lie under it become such keys too. Without it no
 *   source may be relative
 * @param manifestUrl decides on `file://` sources: a manifest in a local folder may name any file that its base's
 *   kind of store may open, one from elsewhere only files under a local base
 */
export function sourceResolver(baseUrl: string | undefined, manifestUrl: string): SourceResolver {
  const base = baseUrl === undefined || baseUrl.endsWith("/") ? baseUrl : `${baseUrl}/`;
  const baseFolder = base?.startsWith("file:") === true ? localPath(base) : undefined;
  const fromHere = manifestUrl.startsWith("file:");
  const files = {
    anyFile: fromHere,
    isAllowed: baseFolder !== undefined || (base === undefined && fromHere),
    baseFolder,
  };
  return (raw) => {
    const value = raw.trim();
    if (value === "") throw bad("source is blank; name the photo of this row");
    checkText(value);
    const found = SCHEME.exec(value);
    const scheme = (found?.[1] ?? found?.[2])?.toLowerCase();
    switch (scheme) {
      case undefined:
        if (base === undefined) throw bad(NO_BASE);
        return relativeSource(value);
      case "s3":
        return s3Source(value, base);
      case "https":
        return linkSource(value);
      case "file":
        return fileSource(value, files);
      case "http":
        throw bad("source begins with http://, which anybody on the way can read and change; use https://");
      default:
        throw bad(`source begins with ${shown(scheme)}, which cannot be read; use a key, s3:// or https://`);
    }
  };
}

function checkText(value: string): void {
  if (/[\r\n]/.test(value)) throw bad('source holds a line break; a quote (") may be missing on this line');
  if (CONTROL.test(value)) throw bad("source holds a control character; remove it");
  if (!value.isWellFormed()) throw bad("source holds half of a character (a lone surrogate); write it again");
  if (value.length > MAX_URL_CHARS) throw bad(`source is longer than ${MAX_URL_CHARS} characters; shorten it`);
}

function checkKey(key: string): void {
  if (key.split("/").includes("..")) throw bad("source holds .. and would leave its folder; write the path without it");
  if (Buffer.byteLength(key) > MAX_KEY_BYTES) throw bad(`source is longer than ${MAX_KEY_BYTES} bytes; shorten it`);
}

/** A drive's letter, or a file server's name, as Windows writes paths. */
const OWN_COMPUTER = /^(?:[a-z]:[\\/]|\\\\)/i;

function relativeSource(value: string): RowSource {
  if (OWN_COMPUTER.test(value)) {
    throw bad(
      `${shown(value)} is a path on your computer, which cannot be read from here; upload the photo, and write its key or its https:// link`,
    );
  }
  if (value.includes("\\")) throw bad("source holds a backslash; write / between folders");
  if (value.startsWith("/")) {
    throw bad("source is an absolute path; write it relative to the base, or as a URL");
  }
  checkKey(value);
  return keySource(value.replace(/^(?:\.\/+)+/, ""));
}

function keySource(key: string): RowSource {
  const path = plainPath(key);
  if (path === "" || key.endsWith("/"))
    throw bad("source names a folder; name a photo, or submit the folder as a prefix");
  return { source: key, id: key, path };
}

/** A key's path without empty and dot segments, which a destination may not have. */
export function plainPath(key: string): string {
  if (!/(?:^|\/)\.?(?:\/|$)/.test(key)) return key;
  return key
    .split("/")
    .filter((segment) => segment !== "" && segment !== ".")
    .join("/");
}

function s3Source(value: string, base: string | undefined): RowSource {
  const [, bucket, key] = S3_URL.exec(value) ?? [];
  if (bucket === undefined || key === undefined) throw bad("source is no complete S3 URL; write s3://bucket/key");
  checkKey(key);
  const url = `s3://${bucket}/${key}`;
  if (base !== undefined && url.startsWith(base)) return keySource(url.slice(base.length));
  if (key.endsWith("/")) throw bad("source names a folder; name a photo, or submit the folder as a prefix");
  return { source: url, id: url, path: lastSegment(key) };
}

interface FileRules {
  /** Whether a row may name a file at all. */
  readonly isAllowed: boolean;
  /** Whether the file may lie outside of the base. */
  readonly anyFile: boolean;
  readonly baseFolder: string | undefined;
}

function fileSource(value: string, { isAllowed, anyFile, baseFolder }: FileRules): RowSource {
  if (!isAllowed) {
    throw bad(
      "source is a file:// URL, and this manifest's photos are not in a local folder; use a key, s3:// or https://",
    );
  }
  let path: string;
  try {
    if (decodeURIComponent(value).split(/[/\\]/).includes("..")) checkKey("..");
    path = fileURLToPath(value);
  } catch (error) {
    if (error instanceof Error && error.name === "DarkroomError") throw error;
    throw bad("source is no valid file URL; write file:///folder/photo.jpg with special characters percent-encoded");
  }
  if (CONTROL.test(path)) throw bad("source holds a control character; remove it");
  if (baseFolder !== undefined && path.startsWith(baseFolder)) return keySource(path.slice(baseFolder.length));
  if (!anyFile)
    throw bad("source is a file outside of the batch's own folder; only a manifest on this machine may name it");
  if (path.endsWith("/")) throw bad("source names a folder; name a photo, or submit the folder as a prefix");
  return { source: value, id: value, path: lastSegment(path) };
}

function linkSource(value: string): RowSource {
  const url = URL.parse(value);
  if (url === null || !/^https:\/\/[^/]/i.test(value) || url.hostname === "") {
    throw bad("source is no valid URL; write https://host/photo.jpg");
  }
  if (url.username !== "" || url.password !== "") {
    throw bad("source holds a user name or password; use a link that needs none, for instance a presigned one");
  }
  const plain = `https://${url.host}${url.pathname}`;
  const id = url.search === "" ? plain : `${plain}?${shortHash(url.search)}`;
  return { source: value, id, path: decodedName(lastSegment(url.pathname)) };
}

/** What keeps apart two links that differ in their query alone. */
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
