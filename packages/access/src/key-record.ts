import { z } from "zod";
import { SCOPES } from "./scopes.ts";

/** Format of a stored record. A process refuses newer ones. */
export const KEY_FORMAT = 1;

/** One of a key's secrets. */
const secretSchema = z.object({
  /** See `hashOfKey`. */
  hash: z.string(),
  createdAt: z.iso.datetime(),
  /** Until when a rotated secret works. */
  until: z.iso.datetime().optional(),
});

/** A key as stored. */
export const keyRecordSchema = z.object({
  format: z.literal(KEY_FORMAT),
  id: z.string(),
  name: z.string(),
  scopes: z.array(z.enum(SCOPES)),
  createdAt: z.iso.datetime(),
  /** Who created it: `root`, `local`, or a key's id. */
  createdBy: z.string(),
  expiresAt: z.iso.datetime().optional(),
  revokedAt: z.iso.datetime().optional(),
  /** Newest first: the present one, and after a rotation the former one. */
  secrets: z.array(secretSchema),
});

export type KeyRecord = z.infer<typeof keyRecordSchema>;

/** When and from where a key was last used. */
export interface KeyUse {
  /** ISO 8601, Redis' clock. */
  readonly at: string;
  /** The address of the client or of the last proxy. */
  readonly address: string;
}

/**
 * Gives a key a new secret. The present one works until `graceMs` later; a still older one ends now.
 *
 * @param hash hash of the new secret
 */
export function withNewSecret(record: KeyRecord, hash: string, nowMs: number, graceMs: number): KeyRecord {
  const [present] = record.secrets;
  const former = present === undefined || graceMs === 0 ? [] : [{ ...present, until: iso(nowMs + graceMs) }];
  return { ...record, secrets: [{ hash, createdAt: iso(nowMs) }, ...former] };
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
