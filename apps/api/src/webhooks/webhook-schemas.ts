import { z } from "zod";
import { ALL_TENANTS } from "@darkroom/access";
import { FEED_EVENT_TYPES, givenNameSchema, tenantSchema, WEBHOOK_DISABLERS } from "@darkroom/core";
import { ATTEMPT_OUTCOMES } from "@darkroom/webhooks";
import { queryInt } from "../batches/batch-schemas.ts";
import { cursorField, nextCursorField } from "../http/cursor.ts";
import { named } from "../http/schema-names.ts";

const DEFAULT_PAGE = 50;
const MAX_PAGE = 200;
/** 24 hours. */
const DEFAULT_GRACE_SECONDS = 86_400;
/** 30 days. */
const MAX_GRACE_SECONDS = 30 * 86_400;

export const DEFAULT_GRACE_MS = DEFAULT_GRACE_SECONDS * 1_000;

const url = z.string().min(1).max(2_048).describe("An `https://` URL in a public network.");
const description = givenNameSchema.describe("Shown in lists.");
const events = z
  .array(z.enum(FEED_EVENT_TYPES))
  .min(1)
  .max(FEED_EVENT_TYPES.length)
  .describe("Types of the events to send. Defaults to all except `portrait.failed`.");

export const newWebhookSchema = named(
  "NewWebhook",
  z.strictObject({
    url,
    description: description.optional(),
    events: events.optional(),
    tenant: z
      .union([tenantSchema, z.literal(ALL_TENANTS)])
      .optional()
      .describe(
        "Tenant whose events are sent. Defaults to the creator's tenant, or to `default`; `*` for all tenants.",
      ),
  }),
);

export const webhookChangeSchema = z
  .strictObject({
    url: url.optional(),
    description: description.nullable().optional(),
    events: events.nullable().optional().describe("Null for the default."),
    enabled: z
      .boolean()
      .optional()
      .describe("Whether events are sent. Pending messages are sent when it is enabled again."),
    skipWaiting: z.boolean().optional().describe("True to drop all pending messages and send only later events."),
  })
  .nullish();

export const webhookRotationSchema = z
  .strictObject({
    graceSeconds: z
      .int()
      .min(0)
      .max(MAX_GRACE_SECONDS)
      .default(DEFAULT_GRACE_SECONDS)
      .describe("How long deliveries are also signed with the former secret."),
  })
  .nullish();

export const resendSchema = z.strictObject({
  since: z.iso.datetime({ offset: true }).describe("Sends all kept events from this time on again."),
});

export const webhookSchema = named(
  "Webhook",
  z.object({
    id: z.string(),
    url: z.string(),
    description: z.string().nullable(),
    tenant: z.string().describe("`*` for the events of all tenants."),
    events: z.array(z.enum(FEED_EVENT_TYPES)),
    state: z.enum(["enabled", "failing", "disabled"]).describe("`failing`: the last attempt failed."),
    disabledBy: z
      .enum(WEBHOOK_DISABLERS)
      .nullable()
      .describe("`person`; `gone`: it answered 410; `failing`: every delivery failed for five days."),
    disabledReason: z.string().nullable(),
    disabledAt: z.iso.datetime().nullable(),
    waiting: z.int().nonnegative().describe("Number of pending messages."),
    lastDeliveredAt: z.iso.datetime().nullable(),
    lastFailedAt: z.iso.datetime().nullable(),
    failure: z.string().nullable().describe("Why the last attempt failed."),
    failingSince: z.iso.datetime().nullable(),
    heldUntil: z.iso
      .datetime()
      .nullable()
      .describe("No message is sent before this time, as requested by the receiver's `Retry-After`."),
    missedAt: z.iso
      .datetime()
      .nullable()
      .describe("When events were last dropped from the feed before they could be sent."),
    rotatedAt: z.iso.datetime().nullable(),
    formerUntil: z.iso.datetime().nullable().describe("When the former secret stops signing, after a rotation."),
    createdAt: z.iso.datetime(),
    createdBy: z.string().describe("`root`, `local`, or the id of a key."),
  }),
);

export const issuedWebhookSchema = named(
  "IssuedWebhook",
  webhookSchema.extend({
    secret: z.string().describe("Signs the deliveries (`whsec_` and base64). It is shown only here."),
  }),
);

export const webhookListSchema = z.object({ webhooks: z.array(webhookSchema).describe("Newest first.") });

export const sentMessageSchema = z.object({ message: z.string().describe("The `webhook-id` of the delivery.") });

const deliverySchema = named(
  "WebhookDelivery",
  z.object({
    id: z.string(),
    at: z.iso.datetime(),
    message: z.string().describe("The `webhook-id`, the same at every attempt."),
    type: z.string(),
    event: z.string().nullable().describe("Id of the event; null for a test."),
    attempt: z.int().positive(),
    outcome: z.enum(ATTEMPT_OUTCOMES),
    status: z.int().nullable().describe("HTTP status of the response; null without a response."),
    durationMs: z.int().nonnegative(),
    failure: z.string().nullable(),
    nextAt: z.iso.datetime().nullable().describe("Time of the next attempt."),
  }),
);

export const deliveryListQuery = z.strictObject({
  limit: queryInt(1, MAX_PAGE).default(DEFAULT_PAGE),
  cursor: cursorField,
});

export const deliveryListSchema = z.object({
  deliveries: z.array(deliverySchema).describe("Attempts, newest first."),
  nextCursor: nextCursorField,
});

export const webhookParams = z.object({ id: z.string().min(1).max(64) });

export const deliveryParams = webhookParams.extend({ delivery: z.string().min(1).max(64) });
