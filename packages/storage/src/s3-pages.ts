import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { setImmediate } from "node:timers/promises";
import { ListObjectsV2Command, type S3Client } from "@aws-sdk/client-s3";
import type { ObjectInfo } from "@darkroom/core";
import { mapS3Error } from "./s3-errors.ts";

const DIGEST = /^[0-9a-f]{32,64}(-\d+)?$/i;

/**
 * Returns an ETag without quotes. Empty when the ETag does not identify content: missing, weak without being a digest
 * (compressing proxies also weaken digests), or all zeros, as MinIO returns for files that it did not store itself.
 */
export function plainEtag(etag = ""): string {
  const plain = etag.replace(/^W\//, "").replaceAll('"', "");
  if (/^0*(-\d+)?$/.test(plain)) return "";
  return etag.startsWith("W/") && !DIGEST.test(plain) ? "" : plain;
}

/** Maximum number of keys in one response of a store. */
export const PAGE_KEYS = 1_000;

/** The location of a listing. */
export interface ListedPlace {
  readonly client: () => S3Client;
  readonly bucket: string;
  /** The store's prefix, which its keys omit. */
  readonly base: string;
  /** Prefix of the requested keys, below the base. */
  readonly prefix: string;
}

/** A page starts after a key, or where another page ended. */
export type PageStart = { readonly after: string | undefined } | { readonly token: string };

export interface ListedPage {
  /** All keys, including those of folder placeholder objects. */
  readonly keys: readonly string[];
  readonly objects: readonly ObjectInfo[];
  /** Start of the next page; undefined after the last. */
  readonly next: PageStart | undefined;
}

/**
 * Lists one page in the order of the keys' UTF-8 bytes.
 *
 * @param mostKeys limit of one response. Defaults to the store's
 * @throws DarkroomError, or the signal's reason
 */
export async function listPage(
  place: ListedPlace,
  start: PageStart,
  signal?: AbortSignal,
  mostKeys?: number,
): Promise<ListedPage> {
  const page = await ask(place, start, signal, mostKeys === undefined ? {} : { MaxKeys: mostKeys });
  const keys: string[] = [];
  const objects: ObjectInfo[] = [];
  for (const { Key, Size, ETag, LastModified } of page.Contents ?? []) {
    if (Key === undefined) continue;
    const key = decoded(Key, page.EncodingType).slice(place.base.length);
    keys.push(key);
    const sizeBytes = Size ?? 0;
    // Consoles create such empty objects to represent a folder.
    if (key === "" || (sizeBytes === 0 && key.endsWith("/"))) continue;
    objects.push({ key, sizeBytes, etag: plainEtag(ETag), modifiedAt: LastModified?.getTime() ?? 0 });
  }
  const token = page.IsTruncated === true ? page.NextContinuationToken : undefined;
  return { keys, objects, next: token === undefined ? undefined : { token } };
}

async function ask(
  place: ListedPlace,
  start: PageStart,
  signal: AbortSignal | undefined,
  more: { readonly MaxKeys?: number },
) {
  const { bucket, base, prefix } = place;
  const command = new ListObjectsV2Command({
    Bucket: bucket,
    Prefix: base + prefix,
    // Preserves names that XML cannot represent.
    EncodingType: "url",
    ...more,
    ...("token" in start ? { ContinuationToken: start.token } : {}),
    ...("after" in start && start.after !== undefined ? { StartAfter: base + start.after } : {}),
  });
  command.middlewareStack.add(
    (next) => async (args) => {
      const answer = await next(args);
      await awaitTurn(answer.response);
      return answer;
    },
    { step: "deserialize", priority: "low" },
  );
  try {
    return await place.client().send(command, signal === undefined ? {} : { abortSignal: signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw mapS3Error(error, { action: "list", bucket, key: base + prefix });
  }
}

let turn: Promise<void> = Promise.resolve();

/**
 * Parsing a page's XML blocks the event loop noticeably. Pages that arrive together are therefore parsed in separate
 * turns, so that other work can run between them.
 */
async function awaitTurn(response: unknown): Promise<void> {
  if (typeof response !== "object" || response === null || !("body" in response)) return;
  if (response.body instanceof Readable) response.body = await buffer(response.body);
  turn = turn.then(async () => await setImmediate());
  await turn;
}

function decoded(name: string, encoding: string | undefined): string {
  return encoding === "url" ? decodeURIComponent(name.replaceAll("+", " ")) : name;
}
