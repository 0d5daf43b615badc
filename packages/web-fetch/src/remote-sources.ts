import type { Readable } from "node:stream";
import { DarkroomError, hostOf, type SourceIdentity } from "@darkroom/core";
import { fetchFollowing } from "./fetch-following.ts";
import { NetworkGuard } from "./network-guard.ts";
import { OutgoingAgent } from "./outgoing-agent.ts";
import type { ProxySettings } from "./proxy-settings.ts";
import { readAll } from "./read-all.ts";
import { contentIdentity, readThrough, replacedMeanwhile, type KeptEnds } from "./read-through.ts";
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

/** A photo on the web of which little is held. */
export interface RemotePhoto extends SourceIdentity {
  /**
   * Its link gives these bytes to whoever asks: without a redirect, and without a compression that was not asked for. A
   * provider's own fetch may cope with neither.
   */
  readonly hasPlainLink: boolean;
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
    const seen = await this.#fetch(url, signal, async (body, hasPlainLink) => ({
      ...(await readThrough(body, ends, MAX_BYTES)),
      hasPlainLink,
    }));
    return {
      ...seen.identity,
      hasPlainLink: seen.hasPlainLink,
      firstBytes: seen.first,
      more: async (bytes) => await this.#fetch(url, signal, (body) => readBeginning(body, bytes)),
      lastBytes: () => Promise.resolve(seen.last),
      whole: async () => {
        const bytes = await this.whole(url, seen.identity.sizeBytes, signal);
        if (contentIdentity(bytes).etag !== seen.identity.etag) throw replacedMeanwhile("remote_unavailable");
        return bytes;
      },
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

  async #fetch<T>(
    first: URL,
    signal: AbortSignal,
    read: (body: Readable, hasPlainLink: boolean) => Promise<T>,
  ): Promise<T> {
    const within = AbortSignal.any([signal, AbortSignal.timeout(this.#wholeMs)]);
    try {
      const options = { agent: this.#agent, guard: this.#guard, signal: within };
      const { status, headers, body, url } = await fetchFollowing(first, options);
      if (status === 200) return await read(body, url === first && headers["content-encoding"] === undefined);
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

/** Reads so many bytes and leaves the rest. */
async function readBeginning(body: Readable, bytes: number): Promise<Uint8Array> {
  let read = Buffer.alloc(0);
  for await (const chunk of body as AsyncIterable<Buffer>) {
    read = Buffer.concat([read, chunk]);
    if (read.length >= bytes) break;
  }
  return read.subarray(0, bytes);
}
