import { randomBytes, timingSafeEqual } from "node:crypto";
import { crc32 } from "node:zlib";
import { sha256 } from "@darkroom/core";

/*
 * A key is `dk_<id>_<secret><checksum>`: a prefix that secret scanners detect, the id of its record, 256 random bits,
 * and the CRC32 of everything before it. The checksum detects a typo or a false match without a lookup.
 */

const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const ID_CHARS = 12;
const ID_BYTES = 8;
const SECRET_BYTES = 32;
/** 62^43 > 2^256. */
const SECRET_CHARS = 43;
/** 62^6 > 2^32. */
const CHECKSUM_CHARS = 6;

const KEY = new RegExp(
  `^dk_([0-9A-Za-z]{${ID_CHARS}})_([0-9A-Za-z]{${SECRET_CHARS}})([0-9A-Za-z]{${CHECKSUM_CHARS}})$`,
);
const KEY_ID = new RegExp(`^[0-9A-Za-z]{${ID_CHARS}}$`);

/** The kinds of text that a client may present as a key. */
export type ShownKey =
  | { readonly kind: "key"; readonly id: string; readonly text: string }
  /** Begins like a key, but is truncated, misspelt or invented. */
  | { readonly kind: "damaged" }
  /** Not a key of this form. */
  | { readonly kind: "other" };

/** Returns a random key id. */
export function newKeyId(): string {
  return base62(randomBytes(ID_BYTES), ID_CHARS);
}

/** True for a text that may be a key's id. */
export function isKeyId(text: string): boolean {
  return KEY_ID.test(text);
}

/** Returns a new secret for a key's id. The text is the complete key, of which only the {@link hashOfKey} is stored. */
export function newKeyText(id: string): string {
  const body = `dk_${id}_${base62(randomBytes(SECRET_BYTES), SECRET_CHARS)}`;
  return `${body}${checksumOf(body)}`;
}

/** Parses a presented key. Reads no record and compares no secret. */
export function readKeyText(text: string): ShownKey {
  if (!text.startsWith("dk_")) return { kind: "other" };
  const [, id, , checksum] = KEY.exec(text) ?? [];
  const isWhole = id !== undefined && checksum === checksumOf(text.slice(0, -CHECKSUM_CHARS));
  return isWhole ? { kind: "key", id, text } : { kind: "damaged" };
}

/**
 * Returns the hash under which a key is stored. One round of SHA-256 is sufficient, because a secret of 256 random bits
 * cannot be searched. Slow hashes protect passwords, which people choose.
 */
export function hashOfKey(text: string): string {
  return sha256(text);
}

/** Compares two hashes in constant time. */
export function isSameHash(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function checksumOf(body: string): string {
  return digits(BigInt(crc32(body)), CHECKSUM_CHARS);
}

function base62(bytes: Uint8Array, length: number): string {
  return digits(BigInt(`0x${Buffer.from(bytes).toString("hex")}`), length);
}

/** Formats a number in base 62, padded with zeros. */
function digits(value: bigint, length: number): string {
  let text = "";
  for (let rest = value; rest > 0n; rest /= 62n) text = `${ALPHABET[Number(rest % 62n)] ?? ""}${text}`;
  return text.padStart(length, "0");
}
