import type { Readable } from "node:stream";
import type { BatchStatus, WaitReason } from "@darkroom/core";
import { readSse } from "@darkroom/client";

/** Events that the API streams to a watching client. */
export type WatchEvent =
  | { readonly type: "batch"; readonly status: BatchStatus }
  /** The last event; null when the batch no longer exists. */
  | { readonly type: "batch-end"; readonly status: BatchStatus | null }
  | { readonly type: "lane-blocked"; readonly lane: string; readonly reason: string; readonly message: string }
  | { readonly type: "lane-unblocked"; readonly lane: string }
  | { readonly type: "destination-blocked"; readonly destination: string; readonly message: string }
  | { readonly type: "destination-unblocked"; readonly destination: string }
  | { readonly type: "batch-diverted"; readonly lane: string }
  | { readonly type: "portrait-start"; readonly index: number }
  | { readonly type: "portrait-progress"; readonly index: number; readonly message: string }
  | {
      readonly type: "portrait-retry";
      readonly index: number;
      readonly reason: WaitReason;
      readonly message: string;
      readonly delayMs: number;
      /** ISO 8601. */
      readonly nextLookAt: string;
    }
  | { readonly type: "portrait-end"; readonly index: number; readonly outcome: string; readonly message: string };

const OTHER_EVENTS = [
  "lane-blocked",
  "lane-unblocked",
  "destination-blocked",
  "destination-unblocked",
  "batch-diverted",
  "portrait-start",
  "portrait-progress",
  "portrait-retry",
  "portrait-end",
];

/** Parses a stream of server-sent events. Skips unknown events. */
export function readEvents(body: Readable): AsyncGenerator<WatchEvent> {
  return readSse(body, ({ event, data }) => parseEvent(event, data));
}

function parseEvent(name: string | undefined, data: string): WatchEvent | undefined {
  if (name === undefined) return undefined;
  const value: unknown = JSON.parse(data);
  if (name === "batch" || name === "batch-end") return { type: name, status: value } as WatchEvent;
  if (!OTHER_EVENTS.includes(name)) return undefined;
  return { ...(value as object), type: name } as WatchEvent;
}
