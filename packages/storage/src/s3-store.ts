import { PassThrough, Readable, addAbortSignal } from "node:stream";
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  type GetObjectCommandOutput,
  type HeadObjectCommandOutput,
  type S3Client,
} from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import {
  DarkroomError,
  type GetOptions,
  type GetResult,
  type LinkOptions,
  type ListOptions,
  type ObjectHead,
  type ObjectInfo,
  type ObjectStore,
  type PutOptions,
} from "@darkroom/core";
import { checkKey, checkLinkSeconds, checkRange } from "./object-key.ts";
import { isNotFound, isPastEnd, mapS3Error } from "./s3-errors.ts";
import { type S3Request } from "./s3-rules.ts";
import { listKeys } from "./s3-listing.ts";
import { listPage, plainEtag } from "./s3-pages.ts";
import { walkKeys } from "./s3-walk.ts";
import { uploadStream } from "./s3-multipart.ts";
import { sizedBody, watchBody, wrongLength } from "./sized-body.ts";
import type { S3Location } from "./urls.ts";
import { decodeValue, encodeValue, foldMetadata, mapValues } from "./user-metadata.ts";

/** S3's limit for an object put in one request. */
const MAX_PUT_BYTES = 5 * 1_024 ** 3;

/** Clients that the opener provides to {@link S3Store}. */
export interface S3Clients {
  readonly client: () => S3Client;
  /** Signs links for the store's public host. */
  readonly linkClient: () => S3Client;
}

function headOf(key: string, sizeBytes: number, answer: GetObjectCommandOutput | HeadObjectCommandOutput): ObjectHead {
  return {
    key,
    sizeBytes,
    etag: plainEtag(answer.ETag),
    modifiedAt: answer.LastModified?.getTime() ?? 0,
    contentType: answer.ContentType,
    version: versionOf(answer),
    metadata: foldMetadata(mapValues(answer.Metadata ?? {}, decodeValue)),
  };
}

/**
 * Returns the object's version in a versioned bucket, otherwise its modification time. The version `null` is ambiguous,
 * because an object stored without versioning and its replacement may share it.
 */
function versionOf({ VersionId, LastModified }: GetObjectCommandOutput | HeadObjectCommandOutput): string | undefined {
  if (VersionId !== undefined && VersionId !== "null") return VersionId;
  return LastModified?.toISOString();
}

/** A bucket, or a prefix in a bucket. Rethrows an error of the body unchanged. */
export class S3Store implements ObjectStore {
  readonly url: string;
  readonly kind = "s3";
  readonly #bucket: string;
  readonly #prefix: string;
  readonly #clients: S3Clients;

  constructor(location: S3Location, clients: S3Clients) {
    this.url = location.url;
    this.#bucket = location.bucket;
    this.#prefix = location.prefix;
    this.#clients = clients;
  }

  checkKey(key: string): void {
    checkKey(key, Buffer.byteLength(this.#prefix));
  }

  async get(key: string, { range, signal }: GetOptions = {}): Promise<GetResult> {
    if (range !== undefined) checkRange(range);
    const where = this.#where(key);
    const request = this.#request("read", key);
    const Range = range === undefined ? undefined : `bytes=${range.start}-${range.end}`;
    try {
      const command = new GetObjectCommand({ ...where, ...(Range === undefined ? {} : { Range }) });
      const answer = await this.#clients.client().send(command, signal === undefined ? {} : { abortSignal: signal });
      const body = readable(answer.Body, request);
      const total = Range === undefined ? answer.ContentLength : totalOf(answer.ContentRange);
      if (total === undefined) {
        body.destroy();
        throw new DarkroomError("internal", `cannot read ${this.url}${key}: the store's answer has no size`);
      }
      if (signal !== undefined) addAbortSignal(signal, body);
      return { info: headOf(key, total, answer), body };
    } catch (error) {
      signal?.throwIfAborted();
      if (range === undefined || !isPastEnd(error)) throw mapS3Error(error, request);
    }
    const info = await this.head(key);
    if (info === undefined)
      throw new DarkroomError("storage_not_found", `cannot read ${this.url}${key}: it does not exist`);
    return { info, body: Readable.from([]) };
  }

  async head(key: string): Promise<ObjectHead | undefined> {
    try {
      const answer = await this.#clients.client().send(new HeadObjectCommand(this.#where(key)));
      return headOf(key, answer.ContentLength ?? 0, answer);
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw mapS3Error(error, this.#request("read", key));
    }
  }

  async put(key: string, body: Uint8Array | Readable, options: PutOptions = {}): Promise<{ etag: string }> {
    const isFromBody = watchBody(body);
    try {
      return { etag: plainEtag(await this.#put(key, body, options)) };
    } catch (error) {
      options.signal?.throwIfAborted();
      if (isFromBody(error)) throw error;
      throw mapS3Error(error, this.#request("write", key));
    } finally {
      if (body instanceof Readable) body.destroy();
    }
  }

  async #put(key: string, body: Uint8Array | Readable, options: PutOptions): Promise<string | undefined> {
    const { sizeBytes, contentType, metadata, signal } = options;
    const target = {
      ...this.#where(key),
      ...(contentType === undefined ? {} : { ContentType: contentType }),
      ...(metadata === undefined ? {} : { Metadata: mapValues(foldMetadata(metadata), encodeValue) }),
    };
    const client = this.#clients.client();
    const what = `cannot write ${this.url}${key}`;
    signal?.throwIfAborted();
    if (!(body instanceof Readable)) {
      if (sizeBytes !== undefined && sizeBytes !== body.byteLength) throw wrongLength(what, sizeBytes, body.byteLength);
      const put = new PutObjectCommand({ ...target, Body: body });
      return (await client.send(put, signal === undefined ? {} : { abortSignal: signal })).ETag;
    }
    const stream = sizeBytes === undefined ? body : sizedBody(body, sizeBytes, what);
    if (signal !== undefined) addAbortSignal(signal, stream);
    if (sizeBytes === undefined || sizeBytes > MAX_PUT_BYTES) return uploadStream(client, target, stream, signal);
    return this.#putStream(new PutObjectCommand({ ...target, Body: stream, ContentLength: sizeBytes }), stream, signal);
  }

  /** The SDK pipes a body and ignores its errors, so a failed body must abort the request. */
  async #putStream(command: PutObjectCommand, stream: Readable, signal?: AbortSignal): Promise<string | undefined> {
    const failed = new AbortController();
    let failure: unknown;
    stream.once("error", (error) => {
      failure = error;
      failed.abort();
    });
    const abortSignal = signal === undefined ? failed.signal : AbortSignal.any([signal, failed.signal]);
    try {
      return (await this.#clients.client().send(command, { abortSignal })).ETag;
    } catch (error) {
      throw failure ?? error;
    }
  }

  async *list({ prefix = "", startAfter, walk, signal }: ListOptions = {}): AsyncGenerator<ObjectInfo> {
    const place = { client: this.#clients.client, bucket: this.#bucket, base: this.#prefix, prefix };
    const keys = listKeys(place, startAfter, signal);
    if (walk === undefined) return yield* keys;
    const holds = async (prefix: string): Promise<boolean> => {
      const { objects } = await listPage({ ...place, prefix }, { after: undefined }, signal, 1);
      return objects.length > 0;
    };
    yield* walkKeys(keys, { walk, startAfter, holds });
  }

  async delete(key: string): Promise<void> {
    try {
      await this.#clients.client().send(new DeleteObjectCommand(this.#where(key)));
    } catch (error) {
      // A missing key (NoSuchKey) is not an error in a delete, but a missing bucket is.
      if (error instanceof Error && error.name === "NoSuchKey") return;
      throw mapS3Error(error, this.#request("delete", key));
    }
  }

  async link(key: string, { expiresInSeconds }: LinkOptions): Promise<string> {
    checkLinkSeconds(this.url, expiresInSeconds);
    try {
      const command = new GetObjectCommand(this.#where(key));
      return await getSignedUrl(this.#clients.linkClient(), command, { expiresIn: expiresInSeconds });
    } catch (error) {
      throw mapS3Error(error, this.#request("link", key));
    }
  }

  #where(key: string): { Bucket: string; Key: string } {
    this.checkKey(key);
    return { Bucket: this.#bucket, Key: this.#prefix + key };
  }

  #request(action: S3Request["action"], key: string): S3Request {
    return { action, bucket: this.#bucket, key: this.#prefix + key };
  }
}

function totalOf(contentRange: string | undefined): number | undefined {
  const total = /\/(\d+)$/.exec(contentRange ?? "")?.[1];
  return total === undefined ? undefined : Number(total);
}

/** Returns the response's body with connection errors converted. Closes the body when its reader stops. */
function readable(body: GetObjectCommandOutput["Body"], request: S3Request): Readable {
  if (!(body instanceof Readable)) throw new TypeError("the SDK returned a body that is not a Node stream");
  const out = new PassThrough();
  body.once("error", (error) => out.destroy(mapS3Error(error, request)));
  out.once("close", () => body.destroy());
  return body.pipe(out);
}
