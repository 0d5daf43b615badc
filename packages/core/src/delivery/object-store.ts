import type { Readable } from "node:stream";

export interface ObjectInfo {
  /** Relative to the store's URL. */
  readonly key: string;
  readonly sizeBytes: number;
  /** Without quotes; another one for another content. Empty where the store says nothing that tells contents apart. */
  readonly etag: string;
  /** Epoch milliseconds. */
  readonly modifiedAt: number;
}

export interface ObjectHead extends ObjectInfo {
  readonly contentType: string | undefined;
  /**
   * Another one after each writing, also of the same content: a version, or when it was written. Undefined where the
   * store tells neither, and in a local folder.
   */
  readonly version?: string | undefined;
  /** User metadata, keys in lower case. */
  readonly metadata: Readonly<Record<string, string>>;
}

export interface GetOptions {
  /** Bytes from `start` to `end`, both included; a range past the end gives what there is. */
  readonly range?: { readonly start: number; readonly end: number };
  readonly signal?: AbortSignal;
}

export interface GetResult {
  /** `sizeBytes` is that of the whole object, also for a range. */
  readonly info: ObjectHead;
  readonly body: Readable;
}

export interface PutOptions {
  /** Needed for a stream of known length; without it a stream is sent in parts. */
  readonly sizeBytes?: number;
  readonly contentType?: string;
  /** ASCII; keys are folded to lower case. */
  readonly metadata?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** Why a local folder passes over a name by itself. */
export type PassedOver = "hidden" | "linked_folder" | "unreadable_folder";

/** What the reader of a listing decides while it is made. It is asked in the order of the keys. */
export interface ListWalk {
  /** Whether a key is listed. A local folder does not open a file that is not. */
  wants(key: string): boolean;
  /**
   * Whether the keys of a folder are listed. Asked once, before the folder is opened.
   *
   * @param folder its key, with a slash at the end
   * @param has whether a folder of this name lies right in it; one request at most, for few of a listing's folders
   */
  enters(folder: string, has: (name: string) => Promise<boolean>): Promise<boolean>;
  /** Told of a name that is not listed. A folder that may not be opened is told here instead of ending the listing. */
  passesOver(key: string, why: PassedOver): void;
}

export interface ListOptions {
  /** Keys that begin with this. */
  readonly prefix?: string;
  /** Keys after this one, in the order of their UTF-8 bytes. */
  readonly startAfter?: string;
  readonly walk?: ListWalk;
  readonly signal?: AbortSignal;
}

export interface LinkOptions {
  readonly expiresInSeconds: number;
  /** The link is to give this content and no other; a store whose links cannot be held to one leaves it aside. */
  readonly etag?: string;
}

/**
 * `s3://bucket/prefix/` or a local folder. Errors are {@link DarkroomError}s: `storage_not_found`, `storage_denied`,
 * `storage_invalid` (a key that would escape the prefix), `storage_unavailable` or `storage_full` (both retryable).
 */
export interface ObjectStore {
  /** Ends with a slash: `s3://bucket/prefix/`, `file:///folder/`. Holds no credential. */
  readonly url: string;
  readonly kind: "s3" | "local";
  /** Throws `storage_invalid` for a key that this store can never hold: too long with its prefix, or of its own names. */
  checkKey(key: string): void;
  /** Throws `storage_not_found`. */
  get(key: string, options?: GetOptions): Promise<GetResult>;
  /** Undefined when there is no such object. */
  head(key: string): Promise<ObjectHead | undefined>;
  /** Written whole or not at all; replaces what was there. */
  put(key: string, body: Uint8Array | Readable, options?: PutOptions): Promise<{ readonly etag: string }>;
  /**
   * Whether the store's own folder is there, with or without anything in it. Absent where a store has no folders: a
   * prefix on S3 is there as soon as an object lies under it.
   */
  isThere?(): Promise<boolean>;
  /** In the order of the keys' UTF-8 bytes, in constant memory. */
  list(options?: ListOptions): AsyncIterable<ObjectInfo>;
  /** Deleting what is not there is no error. */
  delete(key: string): Promise<void>;
  /**
   * Removes what puts have left whose process died in the middle, under this prefix (a folder's, or empty), where nothing
   * was written to it for so long. Absent where a store shows nobody what was not finished.
   */
  removeLeftovers?(prefix: string, olderThanMs: number): Promise<number>;
  /** A URL at which anybody who has it can GET the object until it expires. */
  link(key: string, options: LinkOptions): Promise<string>;
}

/** Opens the store of a URL. Stores are cheap and share their connections. */
export type OpenStore = (url: string) => ObjectStore;
