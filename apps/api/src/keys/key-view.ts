import type { z } from "zod";
import { keyState, type KeyRecord, type KeyUse } from "@darkroom/access";
import type { keySchema } from "./key-schemas.ts";

type KeyView = z.infer<typeof keySchema>;

/** Data about a key that its record does not contain. */
export interface KeySurroundings {
  readonly use: KeyUse | undefined;
  /** The key that created a link. */
  readonly maker?: KeyRecord | undefined;
}

/** Converts a key to the API's view, without its hashes. */
export function viewKey(record: KeyRecord, { use, maker }: KeySurroundings, nowMs: number): KeyView {
  const { id, name, tenant, scopes, limits, createdAt, createdBy, expiresAt = null, revokedAt = null } = record;
  const [present, former] = record.secrets;
  const isFormerGood = former?.until !== undefined && Date.parse(former.until) > nowMs;
  return {
    id,
    name,
    tenant,
    scopes,
    limits,
    state: keyState(record, nowMs, maker),
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
