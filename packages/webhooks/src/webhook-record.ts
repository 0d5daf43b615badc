import { randomBytes } from "node:crypto";
import { z } from "zod";
import { FEED_EVENT_TYPES, WEBHOOK_DISABLERS, type FeedEvent, type FeedEventType } from "@darkroom/core";

/** The tenant of an endpoint that gets the events of all tenants. */
const ALL_TENANTS = "*";

/** Format of a stored record. A process refuses newer formats. */
export const WEBHOOK_FORMAT = 1;

/** Times that an endpoint was disabled that are kept. */
const KEPT_DISABLINGS = 10;

/** The stored form of an endpoint. */
export const webhookRecordSchema = z.object({
  format: z.literal(WEBHOOK_FORMAT),
  id: z.string(),
  url: z.string(),
  description: z.string().optional(),
  /** Tenant whose events the endpoint receives; `*` for all tenants. */
  tenant: z.string(),
  /** Types of events that it gets. Defaults to {@link DEFAULT_EVENTS}. */
  events: z.array(z.string()).optional(),
  createdAt: z.iso.datetime(),
  /** `root`, `local`, or the id of a key. */
  createdBy: z.string(),
  /** Absent while it is enabled. */
  disabled: z.object({ at: z.iso.datetime(), by: z.enum(WEBHOOK_DISABLERS), reason: z.string() }).optional(),
  /** The last times that it was disabled, numbered from 1, oldest first. A producer forwards them to the feed. */
  disablings: z
    .array(z.object({ sequence: z.int(), atMs: z.int(), by: z.enum(WEBHOOK_DISABLERS), reason: z.string() }))
    .default([]),
  /** Newest first: the current secret and, after a rotation, the former one until its end. */
  secrets: z.array(z.object({ secret: z.string(), createdAt: z.iso.datetime(), until: z.iso.datetime().optional() })),
});

/** An endpoint. Contains secrets: never log it. */
export type WebhookRecord = z.infer<typeof webhookRecordSchema>;

/** The events of an endpoint that selects none: all except those of single portraits, which can be very numerous. */
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

/** The reason and time at which an endpoint was disabled. */
export interface Disabling {
  /** Epoch ms. */
  readonly atMs: number;
  readonly by: (typeof WEBHOOK_DISABLERS)[number];
  readonly reason: string;
}

/** Returns an endpoint as disabled; unchanged if it is disabled already. */
export function disabledRecord(record: WebhookRecord, disabling: Disabling): WebhookRecord {
  if (record.disabled !== undefined) return record;
  const { atMs, by, reason } = disabling;
  const sequence = (record.disablings.at(-1)?.sequence ?? 0) + 1;
  const disablings = [...record.disablings, { sequence, ...disabling }].slice(-KEPT_DISABLINGS);
  return { ...record, disabled: { at: iso(atMs), by, reason }, disablings };
}

/** Returns the name under which an endpoint's own events are forwarded. No batch has this id. */
export function sourceOfWebhook(id: string): string {
  return `webhook:${id}`;
}

/** Returns an endpoint's own events that are kept, with their positions, oldest first. */
export function webhookEvents({
  id,
  tenant,
  disablings,
}: WebhookRecord): readonly { readonly position: string; readonly event: FeedEvent }[] {
  return disablings.map(({ sequence, atMs, by, reason }) => {
    const position = `${sequence}-${atMs}`;
    const event: FeedEvent = {
      id: `${sourceOfWebhook(id)}.${position}`,
      batch: null,
      tenant,
      sequence,
      at: iso(atMs),
      type: "webhook.disabled",
      state: null,
      data: { webhook: id, by, reason },
    };
    return { position, event };
  });
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
