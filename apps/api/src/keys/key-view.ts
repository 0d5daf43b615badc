import type { z } from "zod";
import type { KeyRecord, KeyUse } from "@darkroom/access";
import type { keySchema } from "./key-schemas.ts";

type KeyView = z.infer<typeof keySchema>;

/** Converts a key to the API's view, without its hashes. */
export function viewKey(record: KeyRecord, use: KeyUse | undefined, nowMs: number): KeyView {
  const { id, name, tenant, scopes, limits, createdAt, createdBy, expiresAt = null, revokedAt = null } = record;
  const [present, former] = record.secrets;
  const isFormerGood = former?.until !== undefined && Date.parse(former.until) > nowMs;
  const isExpired = expiresAt !== null && Date.parse(expiresAt) <= nowMs;
  return {
    id,
    name,
    tenant,
    scopes,
    limits,
    state: revokedAt !== null ? "revoked" : isExpired ? "expired" : "active",
    createdAt,
    createdBy,
    rotatedAt: present === undefined || present.createdAt === createdAt ? null : present.createdAt,
    formerUntil: isFormerGood ? (former.until ?? null) : null,
    expiresAt,
    revokedAt,
    lastUsedAt: use?.at ?? null,
    lastUsedFrom: use?.address ?? null,
  };
}
