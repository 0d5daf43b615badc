import { isAbsolute, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { DarkroomError } from "@darkroom/core";

export interface S3Location {
  readonly kind: "s3";
  readonly url: string;
  readonly bucket: string;
  readonly prefix: string;
}

/** The parts of a store's URL. */
export type StoreLocation = S3Location | { readonly kind: "local"; readonly url: string; readonly folder: string };

const S3_URL = /^s3:\/\/([A-Za-z0-9][A-Za-z0-9._-]{0,254})(?:\/(.*))?$/s;
const SCHEME = /^(?:s3|file):|^[A-Za-z][A-Za-z0-9+.-]*:\/\//;
/** Matches the user part of a URL, which may be a credential and must not be repeated. */
const CREDENTIALS = /\/\/[^/]*@/;

function bad(url: string, why: string): DarkroomError {
  const shown = JSON.stringify(url.replace(CREDENTIALS, "//…@")).replaceAll("\\\\", "\\");
  return new DarkroomError("invalid_input", `${shown} is not a valid object store URL: ${why}`);
}

function s3Parts(url: string): { bucket: string; key: string } {
  const parts = S3_URL.exec(url);
  if (parts?.[1] === undefined) throw bad(url, "write it as s3://bucket/prefix/");
  return { bucket: parts[1], key: parts[2] ?? "" };
}

/** Returns the path of a `file:` URL. Keeps a trailing slash. */
function filePath(url: string): string {
  if (!URL.canParse(url)) throw bad(url, "write it as file:///folder/");
  const parsed = new URL(url);
  if (parsed.search !== "" || parsed.hash !== "") throw bad(url, "write ? as %3F and # as %23");
  if (/%00/.test(parsed.pathname)) throw bad(url, "it contains a NUL character");
  try {
    return fileURLToPath(parsed);
  } catch (cause) {
    throw new DarkroomError("invalid_input", bad(url, "write it as file:///folder/").message, { cause });
  }
}

function folderUrl(folder: string): string {
  const { href } = pathToFileURL(folder);
  return href.endsWith("/") ? href : `${href}/`;
}

/** Limit of cached URLs. A batch parses the same few URLs for every portrait. */
const MOST_PARSED = 256;
const parsed = new Map<string, StoreLocation>();

/**
 * Parses a store's URL: `s3://bucket/prefix/` (literal, not percent-encoded) or `file:///folder/` (percent-encoded).
 * Adds a missing trailing slash.
 *
 * @throws DarkroomError `invalid_input`
 */
export function parseStoreUrl(url: string): StoreLocation {
  const known = parsed.get(url);
  if (known !== undefined) return known;
  const location = takeApart(url);
  if (parsed.size >= MOST_PARSED) parsed.clear();
  parsed.set(url, location);
  return location;
}

function takeApart(url: string): StoreLocation {
  if (url.startsWith("s3:")) {
    const { bucket, key } = s3Parts(url);
    const prefix = key === "" || key.endsWith("/") ? key : `${key}/`;
    if (prefix.split("/").some((segment) => segment === "." || segment === "..")) {
      throw bad(url, "its prefix contains a . or .. segment");
    }
    return { kind: "s3", url: `s3://${bucket}/${prefix}`, bucket, prefix };
  }
  if (url.startsWith("file:")) {
    const folder = resolve(filePath(url));
    return { kind: "local", url: folderUrl(folder), folder };
  }
  throw bad(url, "it must begin with s3:// or file:///");
}

/**
 * Splits an object's URL: `s3://bucket/a/c.csv` is `c.csv` in `s3://bucket/a/`.
 *
 * @throws DarkroomError `invalid_input`, also for a URL with a trailing slash
 */
export function splitObjectUrl(url: string): { readonly storeUrl: string; readonly key: string } {
  const isS3 = url.startsWith("s3:");
  if (!isS3 && !url.startsWith("file:")) throw bad(url, "it must begin with s3:// or file:///");
  const path = isS3 ? s3Parts(url).key : filePath(url);
  const cut = path.lastIndexOf("/") + 1;
  const key = path.slice(cut);
  if (key === "" || key === "." || key === "..") throw bad(url, "it names a folder, not an object");
  const store = isS3 ? `s3://${s3Parts(url).bucket}/${path.slice(0, cut)}` : folderUrl(path.slice(0, cut));
  return { storeUrl: parseStoreUrl(store).url, key };
}

/** Returns the URL of one object, as shown in reports. Reverses {@link splitObjectUrl}. */
export function joinUrl(storeUrl: string, key: string): string {
  const place = pathOrUrl(storeUrl, key);
  return parseStoreUrl(storeUrl).kind === "s3" ? place : pathToFileURL(place).href;
}

/** Returns an object's local path or `s3:` URL. */
export function pathOrUrl(storeUrl: string, key: string): string {
  const store = parseStoreUrl(storeUrl);
  return store.kind === "s3" ? `${store.url}${key}` : join(store.folder, key);
}

/** Parses a URL that a user typed; undefined for a local path. */
function typedUrl(input: string): string | undefined {
  if (!SCHEME.test(input)) return undefined;
  if (input.startsWith("s3://") || input.startsWith("file://")) return input;
  throw bad(input, "it must be a folder, s3://bucket/prefix/ or file:///folder/");
}

/**
 * Converts user input to a store URL: a relative or absolute folder, `file://…` or `s3://…`.
 *
 * @param cwd absolute folder for relative paths
 * @throws DarkroomError `invalid_input`
 */
export function toStoreUrl(input: string, cwd: string): string {
  if (input.trim() === "") throw bad(input, "it is empty");
  const url = typedUrl(input);
  return parseStoreUrl(url ?? folderUrl(isAbsolute(input) ? input : resolve(cwd, input))).url;
}

/** {@link toStoreUrl} for a single object, such as a manifest. */
export function toObjectUrl(input: string, cwd: string): string {
  if (input.trim() === "") throw bad(input, "it is empty");
  const url = typedUrl(input) ?? pathToFileURL(isAbsolute(input) ? input : resolve(cwd, input)).href;
  const { storeUrl, key } = splitObjectUrl(url);
  return joinUrl(storeUrl, key);
}
