import { sha256, type FeedEvent } from "@darkroom/core";

export { newWebhookSecret, signedHeaders } from "./signature.ts";

/** Type of the message that `darkroom webhooks test` sends. */
const TEST_TYPE = "webhook.test";
/** Length of a message id's hash, in hexadecimal digits (128 bits). */
const HASH_CHARS = 32;

/** A message that is to be delivered to one endpoint. */
export interface WebhookMessage {
  /** The `webhook-id`: the same at every attempt. */
  readonly id: string;
  /** The event's position in the deployment's feed; `-` for a test message. */
  readonly position: string;
  /** The JSON text that is sent. */
  readonly body: string;
}

/** Returns the body for an event: what happened to which batch, and its place in the feed; no details. */
function bodyOfEvent({ id, batch, tenant, sequence, at, type, state, data }: FeedEvent): string {
  const other = "schedule" in data ? { schedule: data.schedule } : "webhook" in data ? { webhook: data.webhook } : {};
  return JSON.stringify({ type, timestamp: at, data: { batch, ...other, tenant, event: id, sequence, state } });
}

/** Returns the body of a test message. */
export function bodyOfTest(webhookId: string, atMs: number): string {
  return JSON.stringify({ type: TEST_TYPE, timestamp: new Date(atMs).toISOString(), data: { webhook: webhookId } });
}

/**
 * Returns the `webhook-id` of an event at an endpoint. A hash, because the signed text separates the id from the rest
 * by a full stop, which the ids of events contain.
 */
export function messageId(webhookId: string, eventId: string): string {
  return `msg_${sha256(`${webhookId} ${eventId}`).slice(0, HASH_CHARS)}`;
}

/** Returns the message of an event for an endpoint. */
export function messageOfEvent(webhookId: string, position: string, event: FeedEvent): WebhookMessage {
  return { id: messageId(webhookId, event.id), position, body: bodyOfEvent(event) };
}

/** Formats a message for Redis. */
export function packMessage({ id, position, body }: WebhookMessage): string {
  return `${id} ${position} ${body}`;
}

/** Parses the text of {@link packMessage}. */
export function unpackMessage(text: string): WebhookMessage {
  const [id = "", position = ""] = text.split(" ", 2);
  return { id, position, body: text.slice(id.length + position.length + 2) };
}
