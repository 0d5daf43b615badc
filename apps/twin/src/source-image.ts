import { lookup } from "node:dns/promises";
import { BlockList, isIP } from "node:net";
import sharp, { type Metadata } from "sharp";
import { request, type Dispatcher } from "undici";

/** Provider contract A.3. */
const MIN_SIDE_PX = 64;
const MAX_SIDE_PX = 8_192;
const FORMATS: ReadonlySet<string> = new Set(["jpeg", "png", "webp", "gif"]);
const FETCH_TIMEOUT_MS = 30_000;
/** Sent because some hosts reject clients without a user agent, and real providers send one. */
const USER_AGENT = "darkroom-twin";

export interface SourceImage {
  readonly bytes: Buffer;
  readonly format: string;
}

/** A refusal is the message of the provider's error event. It never contains the URL. */
export type LoadedSource =
  | { readonly ok: true; readonly source: SourceImage }
  | { readonly ok: false; readonly message: string };

export interface SourceRules {
  readonly dispatcher: Dispatcher;
  readonly maxBytes: number;
  /** Allows pictures on loopback and private addresses. */
  readonly allowPrivate: boolean;
}

const PRIVATE = new BlockList();
for (const [net, prefix] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.168.0.0", 16],
] as const) {
  PRIVATE.addSubnet(net, prefix, "ipv4");
}
for (const [net, prefix] of [
  ["::", 127],
  ["fc00::", 7],
  ["fe80::", 10],
] as const) {
  PRIVATE.addSubnet(net, prefix, "ipv6");
}

async function isPrivate(hostname: string): Promise<boolean> {
  const host = hostname.replace(/^\[|\]$/g, "");
  const addresses = isIP(host) === 0 ? await lookup(host, { all: true }) : [{ address: host, family: isIP(host) }];
  return addresses.some(({ address, family }) => PRIVATE.check(address, family === 6 ? "ipv6" : "ipv4"));
}

export type Fetched = { readonly ok: true; readonly bytes: Buffer } | { readonly ok: false; readonly message: string };

async function fetchBytes(url: URL, rules: SourceRules): Promise<Fetched> {
  const answer = await request(url, {
    dispatcher: rules.dispatcher,
    headers: { "user-agent": USER_AGENT },
    headersTimeout: FETCH_TIMEOUT_MS,
    bodyTimeout: FETCH_TIMEOUT_MS,
  });
  if (answer.statusCode !== 200) {
    await answer.body.dump();
    return { ok: false, message: `Invalid image URL: the server answered HTTP ${answer.statusCode}` };
  }
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of answer.body as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > rules.maxBytes) return { ok: false, message: `Invalid image: larger than ${rules.maxBytes} bytes` };
    parts.push(part);
  }
  return { ok: true, bytes: Buffer.concat(parts) };
}

/** Rejects pictures that the provider would reject (provider contract A.3, A.7). */
export async function checkSource(bytes: Buffer): Promise<LoadedSource> {
  let header: Metadata;
  try {
    header = await sharp(bytes).metadata();
  } catch {
    return { ok: false, message: "Invalid image: the file is not a picture" };
  }
  const { width, height, format } = header;
  if (!FORMATS.has(format)) return { ok: false, message: `Invalid image: format ${format} is not supported` };
  if (Math.min(width, height) < MIN_SIDE_PX || Math.max(width, height) > MAX_SIDE_PX) {
    const range = `${MIN_SIDE_PX} to ${MAX_SIDE_PX} px a side`;
    return { ok: false, message: `Invalid image: Dimensions ${width}x${height} are outside ${range}` };
  }
  return { ok: true, source: { bytes, format } };
}

/** Fetches the bytes at a URL like the simplest provider would: without redirects and decoding. */
export async function fetchSource(imageUrl: string, rules: SourceRules): Promise<Fetched> {
  const url = URL.parse(imageUrl);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    return { ok: false, message: "Invalid image URL: not an http or https address" };
  }
  try {
    if (!rules.allowPrivate && (await isPrivate(url.hostname))) {
      return { ok: false, message: "Invalid image URL: the address is private" };
    }
    // Retries once, because the server may just have closed a kept-alive connection.
    return await fetchBytes(url, rules).catch(() => fetchBytes(url, rules));
  } catch {
    return { ok: false, message: "Invalid image URL: the server could not be reached" };
  }
}

/** Fetches a picture and rejects pictures that each::sense would reject. */
export async function loadSource(imageUrl: string, rules: SourceRules): Promise<LoadedSource> {
  const fetched = await fetchSource(imageUrl, rules);
  return fetched.ok ? checkSource(fetched.bytes) : fetched;
}
