import { resolve } from "node:path";
import { DarkroomError, type ObjectStore, type OpenStore } from "@darkroom/core";
import type { ProxySettings } from "@darkroom/web-fetch";
import { ContentHashes } from "./content-hash.ts";
import { KeyedLock } from "./keyed-lock.ts";
import { isWithin, LocalFolder, realPathSoFar } from "./local-folder.ts";
import { LocalStore } from "./local-store.ts";
import type { S3Settings } from "./s3-client.ts";
import { S3StoreOnDemand } from "./s3-store-on-demand.ts";
import type { S3Stores } from "./s3-stores.ts";
import { parseStoreUrl } from "./urls.ts";

interface LocalSettings {
  /** Folders under which stores may be opened; `any` on a user's own machine. */
  readonly roots: readonly string[] | "any";
  /** The API's public address, which serves `GET /files/:token/:name`. If absent, links cannot be created. */
  readonly linkBaseUrl?: string | (() => string | undefined) | undefined;
  /** Secret that signs and verifies links. */
  readonly linkSecret: string;
}

export interface StoreSettings {
  readonly s3: S3Settings;
  /** Proxy for S3 requests. Defaults to none. */
  readonly proxy?: ProxySettings;
  readonly local: LocalSettings;
}

export interface Stores {
  /**
   * Opens `s3://bucket/prefix/` or `file:///folder/` without checking that it exists.
   *
   * @throws DarkroomError `invalid_input` for another URL, `storage_denied` for a folder outside the allowed ones
   */
  readonly open: OpenStore;
  /** Closes the connections. */
  close(): Promise<void>;
}

/** Lifetime and number of cached stores. */
const KEEP_OPEN_MS = 5_000;
const MOST_KEPT = 256;

/** Creates the object stores of a process, which share clients, hashes and locks. */
export function openStores({ s3, local, proxy }: StoreSettings): Stores {
  let s3Stores: Promise<S3Stores> | undefined;
  const loadS3 = (): Promise<S3Stores> =>
    (s3Stores ??= import("./s3-stores.ts").then(({ S3Stores }) => new S3Stores({ ...s3, proxy })));
  const { linkBaseUrl } = local;
  const surroundings = {
    hashes: new ContentHashes(),
    locks: new KeyedLock(),
    linkBaseUrl: typeof linkBaseUrl === "function" ? linkBaseUrl : () => linkBaseUrl,
    linkSecret: local.linkSecret,
  };

  const openAnew = (url: string): ObjectStore => {
    const location = parseStoreUrl(url);
    if (location.kind === "s3") return new S3StoreOnDemand(location, async () => (await loadS3()).open(location));
    const folder = new LocalFolder(location.folder);
    checkRoots(folder, location.folder, local.roots);
    return new LocalStore(location.url, folder, surroundings);
  };

  // A worker opens the same few stores for every portrait. Entries are short-lived, so that a folder's symbolic links
  // are resolved again.
  const opened = new Map<string, { readonly store: ObjectStore; readonly untilMs: number }>();
  const open = (url: string): ObjectStore => {
    const now = performance.now();
    const kept = opened.get(url);
    if (kept !== undefined && kept.untilMs > now) return kept.store;
    const store = openAnew(url);
    if (opened.size >= MOST_KEPT) opened.clear();
    opened.set(url, { store, untilMs: now + KEEP_OPEN_MS });
    return store;
  };

  const close = async (): Promise<void> => {
    (await s3Stores)?.close();
  };
  return { open, close };
}

function checkRoots(folder: LocalFolder, asked: string, roots: LocalSettings["roots"]): void {
  if (roots === "any" || roots.some((root) => isWithin(folder.real, realPathSoFar(resolve(root))))) return;
  const message = `the folder ${asked} is not allowed; use a folder under DARKROOM_LOCAL_ROOTS, or add it there`;
  throw new DarkroomError("storage_denied", message, { field: "DARKROOM_LOCAL_ROOTS" });
}
