import { z } from "zod";
import { tenantSchema } from "@darkroom/core";
import { keyLimitsSchema } from "./key-limits.ts";
import { SCOPES } from "./scopes.ts";

/** The tenant of a key that sees all tenants. */
export const ALL_TENANTS = "*";

/** Format of a stored record. A process refuses newer formats. */
export const KEY_FORMAT = 1;
/**
 * Format of a link's record. A process that does not support links would treat the link as a key of the whole tenant.
 */
export const LINK_FORMAT = 2;

/** A secret of a key. */
const secretSchema = z.object({
  /** See `hashOfKey`. */
  hash: z.string(),
  createdAt: z.iso.datetime(),
  /** When a rotated secret expires. */
  until: z.iso.datetime().optional(),
});

/** The stored form of a key. */
export const keyRecordSchema = z.object({
  format: z.union([z.literal(KEY_FORMAT), z.literal(LINK_FORMAT)]),
  id: z.string(),
  name: z.string(),
  /** The tenant of the key; {@link ALL_TENANTS} for an operator's key. */
  tenant: z.union([tenantSchema, z.literal(ALL_TENANTS)]),
  scopes: z.array(z.enum(SCOPES)),
  limits: keyLimitsSchema,
  /** Present in a link for a client: a key that opens only this batch. */
  link: z.object({ batch: z.string(), downloads: z.boolean() }).optional(),
  createdAt: z.iso.datetime(),
  /** The key's creator: `root`, `local`, or a key's id. */
  createdBy: z.string(),
  expiresAt: z.iso.datetime().optional(),
  revokedAt: z.iso.datetime().optional(),
  /** Newest first: the current secret and, after a rotation, the former one. */
  secrets: z.array(secretSchema),
});

export type KeyRecord = z.infer<typeof keyRecordSchema>;

/** The resources that a client's link opens. */
export type LinkReach = NonNullable<KeyRecord["link"]>;

/** When and from which address a key was last used. */
export interface KeyUse {
  /** ISO 8601, Redis' clock. */
  readonly at: string;
  /** The address of the client or of the last proxy. */
  readonly address: string;
}

/**
 * Gives a key a new secret. The current secret remains valid for `graceMs`. An even older secret expires now.
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
