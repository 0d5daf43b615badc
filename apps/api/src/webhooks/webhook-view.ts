import type { z } from "zod";
import type { FeedEventType } from "@darkroom/core";
import { DEFAULT_EVENTS, type LoggedAttempt, type WebhookHealth, type WebhookRecord } from "@darkroom/webhooks";
import type { deliveryListSchema, webhookSchema } from "./webhook-schemas.ts";

type WebhookView = z.infer<typeof webhookSchema>;
type DeliveryView = z.infer<typeof deliveryListSchema>["deliveries"][number];

/** Converts an endpoint to the API's view, without its secrets. */
export function viewWebhook(record: WebhookRecord, health: WebhookHealth, nowMs: number): WebhookView {
  const { id, url, tenant, createdAt, createdBy, description = null, events = DEFAULT_EVENTS, disabled } = record;
  const [present, former] = record.secrets;
  const isFormerGood = former?.until !== undefined && Date.parse(former.until) > nowMs;
  const { failure = null, waiting, deliveredAt, failedAt, failingSince, holdUntil, missedAt } = health;
  return {
    id,
    url,
    description,
    tenant,
    events: events as FeedEventType[],
    state: disabled !== undefined ? "disabled" : failure === null ? "enabled" : "failing",
    disabledBy: disabled?.by ?? null,
    disabledReason: disabled?.reason ?? null,
    disabledAt: disabled?.at ?? null,
    waiting,
    lastDeliveredAt: iso(deliveredAt),
    lastFailedAt: iso(failedAt),
    failure,
    failingSince: iso(failingSince),
    heldUntil: holdUntil !== undefined && holdUntil > nowMs ? iso(holdUntil) : null,
    missedAt: iso(missedAt),
    rotatedAt: present === undefined || present.createdAt === createdAt ? null : present.createdAt,
    formerUntil: isFormerGood ? (former.until ?? null) : null,
    createdAt,
    createdBy,
  };
}

export function viewDelivery(attempt: LoggedAttempt): DeliveryView {
  const { position: _, failure = null, nextAt = null, ...rest } = attempt;
  return { ...rest, failure, nextAt };
}

function iso(ms: number | undefined): string | null {
  return ms === undefined ? null : new Date(ms).toISOString();
}
