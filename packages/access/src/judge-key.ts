import type { KeyRecord } from "./key-record.ts";
import { isSameHash } from "./key-text.ts";

/** The result of checking a presented key. */
export type KeyVerdict = "good" | "wrong" | "revoked" | "expired" | "rotated";

/** A hash that no key has, so that an unknown id costs the same comparison. */
const NO_HASH = "0".repeat(64);

/** The validity of a key. */
export type KeyState = "active" | "expired" | "revoked";

/**
 * @param maker the key that created this one, if there is such a key. A link for a client ends with it; a key does not
 */
export function keyState(record: KeyRecord, nowMs: number, maker?: KeyRecord): KeyState {
  if (record.revokedAt !== undefined) return "revoked";
  if (record.expiresAt !== undefined && Date.parse(record.expiresAt) <= nowMs) return "expired";
  return record.link === undefined || maker === undefined ? "active" : keyState(maker, nowMs);
}

/**
 * Checks a presented key against its record. Reports revoked or expired only to a caller that knows the secret.
 *
 * @param record undefined for an unknown id
 * @param hash of the presented key
 */
export function judgeKey(record: KeyRecord | undefined, hash: string, nowMs: number): KeyVerdict {
  const secrets = record?.secrets ?? [{ hash: NO_HASH, until: undefined }];
  const matching = secrets.filter((secret) => isSameHash(secret.hash, hash));
  const [secret] = matching;
  if (record === undefined || secret === undefined) return "wrong";
  const state = keyState(record, nowMs);
  if (state !== "active") return state;
  return secret.until !== undefined && Date.parse(secret.until) <= nowMs ? "rotated" : "good";
}
