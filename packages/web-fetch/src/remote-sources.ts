import { createHash, type Hash } from "node:crypto";
import type { Readable } from "node:stream";
import { DarkroomError, type SourceIdentity } from "@darkroom/core";
import { fetchFollowing } from "./fetch-following.ts";
import { NetworkGuard } from "./network-guard.ts";
import { OutgoingAgent } from "./outgoing-agent.ts";
import { hostOf } from "./private-networks.ts";
import type { ProxySettings } from "./proxy-settings.ts";
import { readAll } from "./read-all.ts";
import { remoteFault, remoteUnreachable } from "./remote-fault.ts";

/** Silence. */
const TIMEOUT_MS = 60_000;
/** The whole photo: a server that sends a byte now and then is not silent. */
const WHOLE_MS = 120_000;
const MAX_BYTES = 50 * 1_024 * 1_024;

export interface RemoteSourcesOptions {
  readonly allowPrivate: boolean;
  /** Defaults to none. */
  readonly proxy?: ProxySettings | undefined;
  /** For one photo, from the request to its last byte. Defaults to two minutes. */
  readonly wholeMs?: number;
}

/** How much of a photo is kept when it is read through. */
export interface KeptEnds {
  readonly firstBytes: number;
  readonly lastBytes: number;
}

/** A photo on the web of which little is held. */
export interface RemotePhoto extends SourceIdentity {
  readonly firstBytes: Uint8Array;
  /** That many from its start. */
  more(bytes: number): Promise<Uint8Array>;
  /** The last bytes that were asked for, or all of a shorter photo. */
  lastBytes(): Promise<Uint8Array>;
  whole(): Promise<Uint8Array>;
}

/**
 * Photos that a manifest names by `https://` URL. Never fetched from a private network unless that is allowed. A few
 * redirects are followed.
 */
export class RemoteSources {
  readonly #wholeMs: number;
  readonly #guard: NetworkGuard;
  readonly #agent: OutgoingAgent;

  constructor({ allowPrivate, proxy, wholeMs }: RemoteSourcesOptions) {
    this.#wholeMs = wholeMs ?? WHOLE_MS;
    this.#guard = new NetworkGuard(allowPrivate, proxy);
    this.#agent = new OutgoingAgent({
      proxy,
      allowH2: false,
      headersTimeout: TIMEOUT_MS,
      bodyTimeout: TIMEOUT_MS,
      connect: this.#guard.connect,
    });
  }

  /**
   * Reads a photo's identity, first and last bytes. Its whole content is fetched and hashed: an ETag of the open web
   * proves nothing about what the provider will see. None of it is held; whoever needs more fetches it again.
   *
   * @throws DarkroomError `not_found`, `remote_refused`, `remote_unavailable`, `address_not_allowed`, `storage_invalid`
   */
  async open(url: URL, ends: KeptEnds, signal: AbortSignal): Promise<RemotePhoto> {
    const seen = await this.#fetch(url, signal, (body) => lookThrough(body, ends));
    return {
      ...seen.identity,
      firstBytes: seen.first,
      more: async (bytes) => await this.#fetch(url, signal, (body) => readBeginning(body, bytes)),
      lastBytes: () => Promise.resolve(seen.last),
      whole: async () => await this.whole(url, seen.identity.sizeBytes, signal),
    };
  }

  /**
   * Fetches a photo. Throws as {@link open} does.
   *
   * @param maxBytes its size as it was seen, for which memory is set aside: one that has grown since is not read
   */
  async whole(url: URL, maxBytes: number, signal: AbortSignal): Promise<Uint8Array> {
    return await this.#fetch(url, signal, (body) => readAll(body, Math.min(maxBytes, MAX_BYTES)));
  }

  async #fetch<T>(first: URL, signal: AbortSignal, read: (body: Readable) => Promise<T>): Promise<T> {
    const within = AbortSignal.any([signal, AbortSignal.timeout(this.#wholeMs)]);
    try {
      const options = { agent: this.#agent, guard: this.#guard, signal: within };
      const { status, headers, body, url } = await fetchFollowing(first, options);
      if (status === 200) return await read(body);
      await body.dump();
      throw remoteFault(hostOf(url), status, headers, Date.now());
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof DarkroomError) throw error;
      if (error instanceof Error && error.cause instanceof DarkroomError) throw error.cause;
      throw remoteUnreachable(hostOf(first), error);
    }
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }
}

/** Hashes a body and keeps how it begins and ends. */
async function lookThrough(
  body: Readable,
  { firstBytes, lastBytes }: KeptEnds,
): Promise<{ readonly identity: SourceIdentity; readonly first: Uint8Array; readonly last: Uint8Array }> {
  const hash = createHash("sha256");
  let [first, last] = [Buffer.alloc(0), Buffer.alloc(0)];
  let sizeBytes = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    if (sizeBytes > MAX_BYTES) throw tooLong(body);
    hash.update(chunk);
    if (first.length < firstBytes) first = Buffer.concat([first, chunk.subarray(0, firstBytes - first.length)]);
    last = Buffer.concat([last, chunk.subarray(-lastBytes)]).subarray(-lastBytes);
  }
  return { identity: identityOf(hash, sizeBytes), first, last };
}

/** The identity of a photo of the open web, of which all is here. */
export function contentIdentity(bytes: Uint8Array): SourceIdentity {
  return identityOf(createHash("sha256").update(bytes), bytes.length);
}

function identityOf(hash: Hash, sizeBytes: number): SourceIdentity {
  return { etag: hash.digest("hex").slice(0, 32), sizeBytes };
}

/** Reads so many bytes and leaves the rest. */
async function readBeginning(body: Readable, bytes: number): Promise<Uint8Array> {
  let read = Buffer.alloc(0);
  for await (const chunk of body as AsyncIterable<Buffer>) {
    read = Buffer.concat([read, chunk]);
    if (read.length >= bytes) break;
  }
  return read.subarray(0, bytes);
}

function tooLong(body: Readable): DarkroomError {
  body.destroy();
  return new DarkroomError("storage_invalid", `the answer is larger than ${MAX_BYTES} bytes`);
}
