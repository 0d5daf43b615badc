import { DEFAULT_TENANT, type BatchState, type FeedEvent, type FeedEventType } from "@darkroom/core";

/** The position before the first event. */
export const FEED_START = "0-0";

/** An event with its position in the stream. */
export interface PlacedEvent {
  /** Id of the stream's entry, after which a reader continues. */
  readonly position: string;
  readonly event: FeedEvent;
}

/**
 * Why events after a position may be missing. `trimmed`: the stream keeps only later ones. `rewritten`: Redis lost the
 * event at this position, in a failover or because Redis was emptied.
 */
export type FeedGap = "trimmed" | "rewritten";

/** Events after a position, in order. */
export interface FeedPage {
  readonly events: readonly PlacedEvent[];
  /** The position at which the reader continues. */
  readonly next: string;
  /** Set if events before this page may be missing. */
  readonly gap?: FeedGap;
}

/** An entry of a Redis stream. */
export type StreamEntry = readonly [id: string, fields: readonly string[]];

/** Returns an entry's fields by name. */
export function fieldsOf([, fields]: StreamEntry): Readonly<Record<string, string>> {
  return Object.fromEntries(fields.flatMap((name, at) => (at % 2 === 0 ? [[name, fields[at + 1] ?? ""]] : [])));
}

/** Returns the sequence number and time (epoch ms) in the id of an entry of a batch's feed. */
export function parseEventId(id: string): { readonly sequence: number; readonly atMs: number } {
  const [sequence, atMs] = id.split("-").map(Number);
  return { sequence: sequence ?? 0, atMs: atMs ?? 0 };
}

/**
 * Parses an event written by `announce` of `scripts/lib/feed.lua` or by a forwarder.
 *
 * @param source the batch, or the name of a schedule's or webhook's events
 * @param id the event's id in its source
 */
export function parseEvent(source: string, id: string, fields: Readonly<Record<string, string>>): FeedEvent {
  const { sequence, atMs } = parseEventId(id);
  const isOfBatch = !source.includes(":");
  return {
    id: `${source}.${id}`,
    batch: isOfBatch ? source : null,
    tenant: fields["tenant"] || DEFAULT_TENANT,
    sequence,
    at: new Date(atMs).toISOString(),
    type: fields["type"] as FeedEventType,
    state: isOfBatch ? (fields["state"] as BatchState) : null,
    data: JSON.parse(fields["data"] ?? "{}") as object,
  } as FeedEvent;
}
