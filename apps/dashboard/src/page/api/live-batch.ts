import { signal, type ReadonlySignal } from "@preact/signals";
import type { BatchStatus, ReviewedEvent } from "./types.ts";

/** A batch's status, kept up to date by the server's events. */
export interface LiveBatch {
  readonly status: ReadonlySignal<BatchStatus>;
  /** False while the connection is lost. The browser reconnects automatically. */
  readonly connected: ReadonlySignal<boolean>;
  /** Applies the response to an order. */
  readonly set: (status: BatchStatus) => void;
  /** Calls back at each decision about results, by any user. */
  readonly onReview: (listener: (event: ReviewedEvent) => void) => () => void;
  readonly stop: () => void;
}

/** Watches a batch. Continues after its end, because users then decide about its results. */
export function watchBatch(first: BatchStatus): LiveBatch {
  const status = signal(first);
  const connected = signal(true);
  const listeners = new Set<(event: ReviewedEvent) => void>();
  const after = first.lastEvent === null ? "" : `&after=${first.lastEvent}`;
  const source = new EventSource(`/v1/batches/${encodeURIComponent(first.id)}/events?ended=keep${after}`);
  source.addEventListener("batch", (event: MessageEvent<string>) => {
    status.value = JSON.parse(event.data) as BatchStatus;
  });
  source.addEventListener("batch.reviewed", (event: MessageEvent<string>) => {
    const { data } = JSON.parse(event.data) as { readonly data: ReviewedEvent };
    for (const listener of listeners) listener(data);
  });
  source.addEventListener("open", () => (connected.value = true));
  source.addEventListener("error", () => (connected.value = false));
  return {
    status,
    connected,
    set: (next) => (status.value = next),
    onReview: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    stop: () => source.close(),
  };
}
