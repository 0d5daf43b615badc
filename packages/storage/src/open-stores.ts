import { resolve } from "node:path";
import type { S3Client } from "@aws-sdk/client-s3";
import { DarkroomError, type ObjectStore, type OpenStore } from "@darkroom/core";
import type { ProxySettings } from "@darkroom/web-fetch";
import { ContentHashes } from "./content-hash.ts";
import { KeyedLock } from "./keyed-lock.ts";
import { isWithin, LocalFolder, realPathSoFar } from "./local-folder.ts";
import { LocalStore } from "./local-store.ts";
import { createS3Client, type S3Settings } from "./s3-client.ts";
import { S3Store } from "./s3-store.ts";
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
  const clients = new Map<"own" | "link", S3Client>();
  const clientFor = (use: "own" | "link"): S3Client => {
    const made =
      clients.get(use) ??
      createS3Client({ ...s3, proxy }, use === "link" ? (s3.linkEndpoint ?? s3.endpoint) : s3.endpoint);
    clients.set(use, made);
    return made;
  };
  const s3Clients = {
    client: () => clientFor("own"),
    linkClient: () => clientFor(s3.linkEndpoint === undefined ? "own" : "link"),
  };
  const { linkBaseUrl } = local;
  const surroundings = {
    hashes: new ContentHashes(),
    locks: new KeyedLock(),
    linkBaseUrl: typeof linkBaseUrl === "function" ? linkBaseUrl : () => linkBaseUrl,
    linkSecret: local.linkSecret,
  };

  const openAnew = (url: string): ObjectStore => {
    const location = parseStoreUrl(url);
    if (location.kind === "s3") return new S3Store(location, s3Clients);
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
    for (const client of clients.values()) client.destroy();
    clients.clear();
  };
  return { open, close };
}

function checkRoots(folder: LocalFolder, asked: string, roots: LocalSettings["roots"]): void {
  if (roots === "any" || roots.some((root) => isWithin(folder.real, realPathSoFar(resolve(root))))) return;
  const message = `the folder ${asked} is not allowed; use a folder under DARKROOM_LOCAL_ROOTS, or add it there`;
  throw new DarkroomError("storage_denied", message, { field: "DARKROOM_LOCAL_ROOTS" });
}
