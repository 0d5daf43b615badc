import type { Readable } from "node:stream";
import { DarkroomError, hostOf, type SourceIdentity } from "@darkroom/core";
import { fetchFollowing } from "./fetch-following.ts";
import { NetworkGuard } from "./network-guard.ts";
import { OutgoingAgent } from "./outgoing-agent.ts";
import type { ProxySettings } from "./proxy-settings.ts";
import { readAll } from "./read-all.ts";
import { contentIdentity, readThrough, replacedMeanwhile, type KeptEnds } from "./read-through.ts";
import { remoteFault, remoteUnreachable } from "./remote-fault.ts";

/** Maximum silence of a server. */
const TIMEOUT_MS = 60_000;
/** Deadline for a whole photo, because a server that sends single bytes never times out as idle. */
const WHOLE_MS = 120_000;
const MAX_BYTES = 50 * 1_024 * 1_024;

export interface RemoteSourcesOptions {
  readonly allowPrivate: boolean;
  /** Defaults to none. */
  readonly proxy?: ProxySettings | undefined;
  /** Deadline for one photo, from the request to its last byte, in ms. Defaults to two minutes. */
  readonly wholeMs?: number;
}

/** A photo on the web that is partly in memory. */
export interface RemotePhoto extends SourceIdentity {
  /**
   * True if the link returns these bytes to any client, without a redirect or an unrequested compression. A provider's
   * own fetch may support neither.
   */
  readonly hasPlainLink: boolean;
  readonly firstBytes: Uint8Array;
  /** Reads the requested number of first bytes. */
  more(bytes: number): Promise<Uint8Array>;
  /** Returns the requested last bytes, or all of a shorter photo. */
  lastBytes(): Promise<Uint8Array>;
  whole(): Promise<Uint8Array>;
}

/**
 * Photos that a manifest references by `https://` URL. Never fetches from a private network unless that is allowed.
 * Follows a few redirects.
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
   * Reads a photo's identity, first and last bytes. Fetches and hashes the complete content without keeping it, because
   * an ETag on the open web does not prove which content the provider will get.
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
   * Fetches a photo. Throws like {@link open}.
   *
   * @param maxBytes its known size, for which memory is reserved; a larger photo is rejected
   */
  async whole(url: URL, maxBytes: number, signal: AbortSignal): Promise<Uint8Array> {
    return await this.#fetch(url, signal, (body) => readAll(body, Math.min(maxBytes, MAX_BYTES), maxBytes));
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

/** Reads this many bytes and drops the rest. */
async function readBeginning(body: Readable, bytes: number): Promise<Uint8Array> {
  let read = Buffer.alloc(0);
  for await (const chunk of body as AsyncIterable<Buffer>) {
    read = Buffer.concat([read, chunk]);
    if (read.length >= bytes) break;
  }
  return read.subarray(0, bytes);
}
