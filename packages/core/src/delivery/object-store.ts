import type { Readable } from "node:stream";

export interface ObjectInfo {
  /** Relative to the store's URL. */
  readonly key: string;
  readonly sizeBytes: number;
  /** Without quotes. Differs for different content. Empty if the store does not distinguish contents. */
  readonly etag: string;
  /** Epoch milliseconds. */
  readonly modifiedAt: number;
}

export interface ObjectHead extends ObjectInfo {
  readonly contentType: string | undefined;
  /**
   * Changes with every write, even of the same content: a version, or the time of writing. Undefined for a local
   * folder, and for a store that reports neither.
   */
  readonly version?: string | undefined;
  /** User metadata, keys in lower case. */
  readonly metadata: Readonly<Record<string, string>>;
}

export interface GetOptions {
  /** Bytes from `start` to `end`, inclusive. A range beyond the end returns the bytes that exist. */
  readonly range?: { readonly start: number; readonly end: number };
  readonly signal?: AbortSignal;
}

export interface GetResult {
  /** `sizeBytes` is the size of the whole object, even for a range. */
  readonly info: ObjectHead;
  readonly body: Readable;
}

export interface PutOptions {
  /** Required for a stream of known length. If omitted, a stream is uploaded in parts. */
  readonly sizeBytes?: number;
  readonly contentType?: string;
  /** ASCII. Keys are converted to lower case. */
  readonly metadata?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** Why a local folder skips a name itself. */
export type PassedOver = "hidden" | "linked_folder" | "unreadable_folder";

/** Callbacks that control a listing. Called in the order of the keys. */
export interface ListWalk {
  /** Returns whether to list a key. A local folder does not open other files. */
  wants(key: string): boolean;
  /**
   * Returns whether to list the keys of a folder. Called once, before the folder is opened.
   *
   * @param folder its key, with a trailing slash
   * @param has returns whether the folder directly contains a folder of this name; needs at most one request
   */
  enters(folder: string, has: (name: string) => Promise<boolean>): Promise<boolean>;
  /**
   * Called for a name that is not listed. A folder without read permission is reported here and does not end the
   * listing.
   */
  passesOver(key: string, why: PassedOver): void;
}

export interface ListOptions {
  /** Only keys with this prefix. */
  readonly prefix?: string;
  /** Only keys after this one, in the order of their UTF-8 bytes. */
  readonly startAfter?: string;
  readonly walk?: ListWalk;
  readonly signal?: AbortSignal;
}

export interface LinkOptions {
  readonly expiresInSeconds: number;
  /** The link must return exactly this content. Stores without this ability ignore the field. */
  readonly etag?: string;
}

/**
 * `s3://bucket/prefix/` or a local folder. Throws {@link DarkroomError}s: `storage_not_found`, `storage_denied`,
 * `storage_invalid` (a key that would leave the prefix), `storage_unavailable` or `storage_full` (both retryable).
 */
export interface ObjectStore {
  /** Ends with a slash: `s3://bucket/prefix/`, `file:///folder/`. Contains no credentials. */
  readonly url: string;
  readonly kind: "s3" | "local";
  /** Throws `storage_invalid` for a key that this store can never contain: too long with its prefix, or reserved. */
  checkKey(key: string): void;
  /** Throws `storage_not_found`. */
  get(key: string, options?: GetOptions): Promise<GetResult>;
  /** Undefined when there is no such object. */
  head(key: string): Promise<ObjectHead | undefined>;
  /** Writes atomically. Replaces an existing object. */
  put(key: string, body: Uint8Array | Readable, options?: PutOptions): Promise<{ readonly etag: string }>;
  /**
   * Returns true if the store's own folder exists, even if it is empty. Absent for a store without folders: an S3
   * prefix exists as soon as an object is under it.
   */
  isThere?(): Promise<boolean>;
  /** Lists objects in the order of the keys' UTF-8 bytes, in constant memory. */
  list(options?: ListOptions): AsyncIterable<ObjectInfo>;
  /** Deletes an object. A missing object is not an error. */
  delete(key: string): Promise<void>;
  /**
   * Removes files that a dead process left while writing, under this prefix (a folder's, or empty), if no data was
   * written to them for this long. Absent for stores that hide unfinished puts.
   */
  removeLeftovers?(prefix: string, olderThanMs: number): Promise<number>;
  /** Returns a presigned GET URL for the object. */
  link(key: string, options: LinkOptions): Promise<string>;
}

/** Opens the store of a URL. Stores are cheap to open and share their connections. */
export type OpenStore = (url: string) => ObjectStore;
