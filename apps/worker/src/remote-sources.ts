import { createHash } from "node:crypto";
import { lookup } from "node:dns";
import { BlockList, isIP } from "node:net";
import type { Readable } from "node:stream";
import { Agent, request, type buildConnector } from "undici";
import { DarkroomError, messageOf, type SourceIdentity } from "@darkroom/core";
import { LAST_BYTES } from "@darkroom/imaging";
import { readAll } from "./read-all.ts";
import type { SourcePhoto } from "./source-photo.ts";

/** Loopback, private, link-local, shared, documentation, multicast and reserved ranges (IANA special-purpose registries). */
const PRIVATE = new BlockList();
for (const [net, bits] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 3],
] as const) {
  PRIVATE.addSubnet(net, bits, "ipv4");
}
for (const [net, bits] of [
  // Deprecated forms that hold an IPv4 address, `::` and `::1`, translated and Teredo addresses among them.
  ["::", 96],
  ["::ffff:0:0:0", 96],
  ["64:ff9b::", 96],
  ["64:ff9b:1::", 48],
  ["100::", 64],
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["3fff::", 20],
  ["5f00::", 16],
  ["fc00::", 7],
  ["fe80::", 10],
  ["fec0::", 10],
  ["ff00::", 8],
] as const) {
  PRIVATE.addSubnet(net, bits, "ipv6");
}

/** True for an address that a URL given by a user must not reach. */
export function isPrivateAddress(address: string): boolean {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return isPrivateAddress(mapped);
  const family = isIP(address);
  return family === 0 || PRIVATE.check(address, family === 6 ? "ipv6" : "ipv4");
}

function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, "");
}

/** True for a URL whose host is such an address itself: nothing is looked up then, and {@link guardedConnect} not asked. */
export function isPrivateLiteral(url: URL): boolean {
  const host = hostOf(url);
  return isIP(host) !== 0 && isPrivateAddress(host);
}

/** Connects to public addresses only, unless private ones are allowed: the address that was checked is the one used. */
export function guardedConnect(allowPrivate: boolean): buildConnector.BuildOptions {
  return {
    timeout: 15_000,
    lookup: (host, _options, callback) => {
      lookup(host, { all: true }, (error, addresses) => {
        if (error !== null) return callback(error, []);
        const allowed = addresses.filter(({ address }) => allowPrivate || !isPrivateAddress(address));
        if (allowed.length === 0) return callback(notAllowed(host), []);
        return callback(null, allowed);
      });
    },
  };
}

/** Silence. */
const TIMEOUT_MS = 60_000;
/** The whole photo: a server that sends a byte now and then is not silent. */
const WHOLE_MS = 120_000;
const MAX_BYTES = 50 * 1_024 * 1_024;

/**
 * Photos that a manifest names by `https://` URL. Never fetched from a private network unless that is allowed: names are
 * resolved once and the connection goes to the address that was checked. Redirects are not followed.
 */
export class RemoteSources {
  readonly #allowPrivate: boolean;
  readonly #wholeMs: number;
  readonly #agent: Agent;

  /** @param options `wholeMs`: for one photo, from the request to its last byte; defaults to two minutes */
  constructor(options: { readonly allowPrivate: boolean; readonly wholeMs?: number }) {
    this.#allowPrivate = options.allowPrivate;
    this.#wholeMs = options.wholeMs ?? WHOLE_MS;
    this.#agent = new Agent({
      allowH2: false,
      headersTimeout: TIMEOUT_MS,
      bodyTimeout: TIMEOUT_MS,
      connect: guardedConnect(this.#allowPrivate),
    });
  }

  /**
   * Reads a photo's identity, first and last bytes. Its whole content is fetched and hashed: an ETag of the open web
   * proves nothing about what the provider will see. None of it is held; whoever needs more fetches it again.
   */
  async open(url: URL, firstBytes: number, signal: AbortSignal): Promise<SourcePhoto> {
    const seen = await this.#fetch(url, signal, (body) => lookThrough(body, firstBytes));
    return {
      ...seen.identity,
      firstBytes: seen.first,
      more: async (bytes) => await this.#fetch(url, signal, (body) => readBeginning(body, bytes)),
      lastBytes: () => Promise.resolve(seen.last),
      whole: async () => await this.whole(url, signal),
    };
  }

  /** Fetches a photo. */
  async whole(url: URL, signal: AbortSignal): Promise<Uint8Array> {
    return await this.#fetch(url, signal, (body) => readAll(body, MAX_BYTES));
  }

  async #fetch<T>(url: URL, signal: AbortSignal, read: (body: Readable) => Promise<T>): Promise<T> {
    const host = hostOf(url);
    if (!this.#allowPrivate && isPrivateLiteral(url)) throw notAllowed(host);
    try {
      const within = AbortSignal.any([signal, AbortSignal.timeout(this.#wholeMs)]);
      const { statusCode, body } = await request(url, { dispatcher: this.#agent, signal: within });
      if (statusCode === 200) return await read(body);
      await body.dump();
      throw statusError(url, statusCode);
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof DarkroomError) throw error;
      if (error instanceof Error && error.cause instanceof DarkroomError) throw error.cause;
      throw new DarkroomError("storage_unavailable", `${url.hostname} could not be reached: ${messageOf(error)}`, {
        retryable: true,
        cause: error,
      });
    }
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }
}

/** Hashes a body and keeps how it begins and ends. */
async function lookThrough(
  body: Readable,
  firstBytes: number,
): Promise<{ readonly identity: SourceIdentity; readonly first: Uint8Array; readonly last: Uint8Array }> {
  const hash = createHash("sha256");
  let [first, last] = [Buffer.alloc(0), Buffer.alloc(0)];
  let sizeBytes = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    if (sizeBytes > MAX_BYTES) throw tooLong(body);
    hash.update(chunk);
    if (first.length < firstBytes) first = Buffer.concat([first, chunk.subarray(0, firstBytes - first.length)]);
    last = Buffer.concat([last, chunk.subarray(-LAST_BYTES)]).subarray(-LAST_BYTES);
  }
  return { identity: { etag: hash.digest("hex").slice(0, 32), sizeBytes }, first, last };
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

function notAllowed(host: string): DarkroomError {
  return new DarkroomError(
    "address_not_allowed",
    `${host} is in a private network. Set DARKROOM_ALLOW_PRIVATE_SOURCES=true to allow such sources.`,
  );
}

function statusError(url: URL, status: number): DarkroomError {
  const where = `${url.hostname} answered HTTP ${status}`;
  if (status === 404 || status === 410) return new DarkroomError("not_found", where);
  if (status >= 500 || status === 429 || status === 408) {
    return new DarkroomError("storage_unavailable", where, { retryable: true });
  }
  return new DarkroomError("storage_denied", `${where}; the photo must be readable at its URL without redirects`);
}
