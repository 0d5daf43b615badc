import { givenNameSchema } from "@darkroom/core";
import { z } from "zod";
import { batchParams } from "../batches/batch-schemas.ts";
import { named } from "../http/schema-names.ts";

const DEFAULT_DAYS = 14;
const MAX_DAYS = 365;

export const newLinkSchema = named(
  "NewLink",
  z.strictObject({
    name: givenNameSchema.describe("The client's name; shown in lists."),
    days: z.int().min(1).max(MAX_DAYS).default(DEFAULT_DAYS).describe("How long the link is valid."),
    review: z.boolean().default(false).describe("True if the client may approve and reject."),
    downloads: z.boolean().default(false).describe("True if the client may save the results."),
  }),
);

export const linkSchema = named(
  "Link",
  z.object({
    id: z.string().describe("Logs and review logs name it."),
    name: z.string(),
    batch: z.string(),
    review: z.boolean(),
    downloads: z.boolean(),
    state: z.enum(["active", "expired", "revoked"]).describe("A link ends with the key that created it."),
    createdAt: z.iso.datetime(),
    createdBy: z.string(),
    expiresAt: z.iso.datetime().nullable(),
    lastUsedAt: z.iso.datetime().nullable(),
  }),
);

export const issuedLinkSchema = named(
  "IssuedLink",
  linkSchema.extend({
    path: z.string().describe("Path on this server, which opens the batch. It is shown only here."),
  }),
);

export const linkListSchema = z.object({ links: z.array(linkSchema).describe("Newest first, at most 200.") });

export const linkParams = batchParams.extend({ link: z.string().min(1).max(64) });
