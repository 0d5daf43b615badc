import { DarkroomError, type ObjectStore } from "@darkroom/core";

/**
 * S3's limit for a full key, in UTF-8 bytes. Local stores enforce it too, so that a folder can be moved to a bucket.
 */
const MAX_KEY_BYTES = 1_024;
/** Maximum length of a name on common file systems, in bytes. */
const MAX_NAME_BYTES = 255;
/** First characters of the local store's own folders and temporary files. */
export const LOCAL_RESERVED = ".darkroom";

function invalid(key: string, why: string): DarkroomError {
  return new DarkroomError("storage_invalid", `the object name ${JSON.stringify(key)} is invalid: ${why}`);
}

/**
 * Throws unless `key` is safe under any prefix: not empty, no `.` or `..` segment, no NUL, not too long.
 *
 * @param prefixBytes length of the store's prefix, which counts towards the limit
 */
export function checkKey(key: string, prefixBytes = 0): void {
  if (key === "") throw invalid(key, "it is empty");
  if (key.includes("\0")) throw invalid(key, "it contains a NUL character");
  const segments = key.split("/");
  if (segments.includes("..") || segments.includes(".")) throw invalid(key, "it contains a . or .. segment");
  if (Buffer.byteLength(key) + prefixBytes > MAX_KEY_BYTES) {
    throw invalid(key, `with its prefix it is longer than ${MAX_KEY_BYTES} bytes`);
  }
}

/** {@link checkKey} with a file system's additional rules: no empty, overlong or reserved name. */
export function checkLocalKey(key: string): void {
  checkKey(key);
  for (const name of key.split("/")) {
    if (name === "") throw invalid(key, "it starts or ends with / or contains //, which a folder cannot represent");
    if (Buffer.byteLength(name) > MAX_NAME_BYTES)
      throw invalid(key, `a part of it is longer than ${MAX_NAME_BYTES} bytes`);
    if (name.startsWith(LOCAL_RESERVED)) throw invalid(key, `names that begin with ${LOCAL_RESERVED} are reserved`);
  }
}

/** Throws unless a range is two integers in order. */
export function checkRange(range: { readonly start: number; readonly end: number }): void {
  const { start, end } = range;
  if (Number.isSafeInteger(start) && Number.isSafeInteger(end) && start >= 0 && end >= start) return;
  throw new DarkroomError(
    "storage_invalid",
    `the range ${start}-${end} is invalid: give two whole numbers, the start first`,
  );
}

/** S3's limit for a presigned link. The local store uses the same limit. */
const MAX_LINK_SECONDS = 604_800;

/** Throws unless a link's lifetime is between one second and one week. */
export function checkLinkSeconds(store: ObjectStore["url"], seconds: number): void {
  if (Number.isInteger(seconds) && seconds >= 1 && seconds <= MAX_LINK_SECONDS) return;
  const message = `a link into ${store} cannot be valid for ${seconds} s: give a whole number from 1 to ${MAX_LINK_SECONDS}`;
  throw new DarkroomError("storage_invalid", message);
}
