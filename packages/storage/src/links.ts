import { createHmac, timingSafeEqual } from "node:crypto";
import { DarkroomError } from "@darkroom/core";

/** The target of a local store's link. */
export interface LinkTarget {
  readonly storeUrl: string;
  readonly key: string;
  /** The content that the link is bound to. */
  readonly etag?: string | undefined;
}

interface Claims {
  readonly url: string;
  readonly key: string;
  readonly etag?: string;
  /** Epoch seconds. */
  readonly exp: number;
}

function signatureOf(secret: string, payload: string): Buffer {
  return createHmac("sha256", secret).update(`darkroom-link:${payload}`).digest();
}

/** Creates a token that {@link verifyLink} accepts until `expiresAtMs`: `base64url(JSON).base64url(HMAC-SHA256)`. */
export function signLink(secret: string, target: LinkTarget, expiresAtMs: number): string {
  const claims: Claims = {
    url: target.storeUrl,
    key: target.key,
    ...(target.etag === undefined ? {} : { etag: target.etag }),
    exp: Math.ceil(expiresAtMs / 1_000),
  };
  const payload = Buffer.from(JSON.stringify(claims)).toString("base64url");
  return `${payload}.${signatureOf(secret, payload).toString("base64url")}`;
}

function isClaims(value: unknown): value is Claims {
  if (typeof value !== "object" || value === null) return false;
  const { url, key, etag, exp } = value as Partial<Record<keyof Claims, unknown>>;
  if (etag !== undefined && typeof etag !== "string") return false;
  return typeof url === "string" && typeof key === "string" && typeof exp === "number";
}

/**
 * Decodes a link's token for `GET /files/:token/:name`.
 *
 * @param nowMs epoch milliseconds
 * @throws DarkroomError `unauthorized` for a foreign token, `link_expired` for an expired one
 */
export function verifyLink(secret: string, token: string, nowMs: number): LinkTarget {
  const refused = new DarkroomError("unauthorized", "this link was not created by Darkroom; request a new one");
  const [payload = "", signature = "", ...rest] = token.split(".");
  const given = Buffer.from(signature, "base64url");
  const right = signatureOf(secret, payload);
  if (secret === "" || rest.length > 0 || given.byteLength !== right.byteLength) throw refused;
  if (!timingSafeEqual(given, right)) throw refused;
  const claims: unknown = JSON.parse(Buffer.from(payload, "base64url").toString());
  if (!isClaims(claims)) throw refused;
  if (nowMs >= claims.exp * 1_000) throw new DarkroomError("link_expired", "this link has expired; request a new one");
  return { storeUrl: claims.url, key: claims.key, etag: claims.etag };
}
