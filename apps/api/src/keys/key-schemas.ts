import { z } from "zod";
import { ALL_TENANTS, keyLimitsSchema, SCOPES } from "@darkroom/access";
import { givenNameSchema, tenantSchema } from "@darkroom/core";
import { queryInt } from "../batches/batch-schemas.ts";
import { cursorField, nextCursorField } from "../http/cursor.ts";
import { named } from "../http/schema-names.ts";

const DEFAULT_PAGE = 50;
const MAX_PAGE = 200;
/** 24 hours. */
const DEFAULT_GRACE_SECONDS = 86_400;
/** 30 days. */
const MAX_GRACE_SECONDS = 30 * 86_400;

/** A key's limits, each of which is optional. */
const limitsSchema = named("KeyLimits", keyLimitsSchema);

export const newKeySchema = named(
  "NewKey",
  z.strictObject({
    name: givenNameSchema.describe("The key's owner; shown in lists."),
    scopes: z
      .array(z.enum(SCOPES))
      .min(1)
      .max(SCOPES.length)
      .describe("The key's permissions. `admin` includes every scope; every other scope includes `read`."),
    tenant: z
      .union([tenantSchema, z.literal(ALL_TENANTS)])
      .optional()
      .describe(
        "Whose key it is: it sees only this tenant's batches, schedules, costs and keys. Defaults to the creator's tenant, or to `default`; `*` sees all.",
      ),
    limits: limitsSchema
      .optional()
      .describe("Required for a key of a tenant that may submit: its `sources` and `destinations`."),
    expiresAt: z.iso.datetime({ offset: true }).optional().describe("When the key expires. Defaults to never."),
  }),
);

export const rotationSchema = z
  .strictObject({
    graceSeconds: z
      .int()
      .min(0)
      .max(MAX_GRACE_SECONDS)
      .default(DEFAULT_GRACE_SECONDS)
      .describe("How long the former secret remains valid."),
  })
  .nullish();

export const DEFAULT_GRACE_MS = DEFAULT_GRACE_SECONDS * 1_000;

export const keySchema = named(
  "Key",
  z.object({
    id: z.string().describe("The part of the key after `dk_`. Logs name it."),
    name: z.string(),
    tenant: z.string().describe("`*` for a key that sees all tenants."),
    scopes: z.array(z.enum(SCOPES)),
    limits: limitsSchema,
    state: z.enum(["active", "expired", "revoked"]),
    createdAt: z.iso.datetime(),
    createdBy: z.string().describe("`root`, `local`, or the id of a key."),
    rotatedAt: z.iso.datetime().nullable().describe("When its present secret was created, if it was rotated."),
    formerUntil: z.iso.datetime().nullable().describe("When the former secret expires, after a rotation."),
    expiresAt: z.iso.datetime().nullable(),
    revokedAt: z.iso.datetime().nullable(),
    lastUsedAt: z.iso.datetime().nullable(),
    lastUsedFrom: z.string().nullable().describe("Address of the client, or of the last proxy before the API."),
  }),
);

export const issuedKeySchema = named(
  "IssuedKey",
  keySchema.extend({ key: z.string().describe("The key itself. It is shown only here; Darkroom stores a hash.") }),
);

export const keyListQuery = z.strictObject({
  limit: queryInt(1, MAX_PAGE).default(DEFAULT_PAGE),
  cursor: cursorField,
});

export const keyListSchema = z.object({
  keys: z.array(keySchema).describe("Newest first."),
  nextCursor: nextCursorField,
});

export const keyParams = z.object({ id: z.string().min(1).max(64) });
