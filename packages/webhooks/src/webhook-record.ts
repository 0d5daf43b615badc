import { randomBytes } from "node:crypto";
import { z } from "zod";
import { FEED_EVENT_TYPES, type FeedEvent, type FeedEventType } from "@darkroom/core";

/** The tenant of an endpoint that gets the events of all tenants. */
const ALL_TENANTS = "*";

/** Format of a stored record. A process refuses newer formats. */
export const WEBHOOK_FORMAT = 1;

/** Why an endpoint gets nothing: a person disabled it, it answered 410, or it failed for days. */
export const DISABLERS = ["person", "gone", "failing"] as const;

/** The stored form of an endpoint. */
export const webhookRecordSchema = z.object({
  format: z.literal(WEBHOOK_FORMAT),
  id: z.string(),
  url: z.string(),
  description: z.string().optional(),
  /** Owner of the events that it gets; `*` for those of all tenants. */
  tenant: z.string(),
  /** Types of events that it gets. Defaults to {@link DEFAULT_EVENTS}. */
  events: z.array(z.string()).optional(),
  createdAt: z.iso.datetime(),
  /** `root`, `local`, or the id of a key. */
  createdBy: z.string(),
  /** Absent while it is enabled. */
  disabled: z.object({ at: z.iso.datetime(), by: z.enum(DISABLERS), reason: z.string() }).optional(),
  /** Newest first: the current secret and, after a rotation, the former one until its end. */
  secrets: z.array(z.object({ secret: z.string(), createdAt: z.iso.datetime(), until: z.iso.datetime().optional() })),
});

/** An endpoint. Contains secrets: never log it. */
export type WebhookRecord = z.infer<typeof webhookRecordSchema>;

/** The events of an endpoint that names none: all but those of single portraits, which may be very many. */
export const DEFAULT_EVENTS: readonly FeedEventType[] = FEED_EVENT_TYPES.filter(
  (type) => !type.startsWith("portrait."),
);

/** Returns a random endpoint id. */
export function newWebhookId(): string {
  return `wh_${randomBytes(8).toString("hex")}`;
}

/** True if an endpoint gets an event. */
export function wantsEvent(
  { tenant, events }: Pick<WebhookRecord, "tenant" | "events">,
  event: Pick<FeedEvent, "tenant" | "type">,
): boolean {
  const types: readonly string[] = events ?? DEFAULT_EVENTS;
  return (tenant === ALL_TENANTS || tenant === event.tenant) && types.includes(event.type);
}

/** Returns the secrets that sign a delivery now, newest first. */
export function goodSecrets({ secrets }: Pick<WebhookRecord, "secrets">, nowMs: number): readonly string[] {
  return secrets.filter(({ until }) => until === undefined || Date.parse(until) > nowMs).map(({ secret }) => secret);
}

/**
 * Gives an endpoint a new secret. The current secret signs too for `graceMs`. An even older one ends now.
 *
 * @param secret the new secret
 */
export function withNewWebhookSecret(
  record: WebhookRecord,
  secret: string,
  nowMs: number,
  graceMs: number,
): WebhookRecord {
  const [present] = record.secrets;
  const former = present === undefined || graceMs === 0 ? [] : [{ ...present, until: iso(nowMs + graceMs) }];
  return { ...record, secrets: [{ secret, createdAt: iso(nowMs) }, ...former] };
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
