import { signal, type ReadonlySignal } from "@preact/signals";
import { isEnded } from "../text/batch-words.ts";
import type { BatchStatus } from "./types.ts";

/** A batch's status, kept up to date by the server's events. */
export interface LiveBatch {
  readonly status: ReadonlySignal<BatchStatus>;
  /** False while the connection is lost. The browser reconnects automatically. */
  readonly connected: ReadonlySignal<boolean>;
  /** Applies the response to an order. Watches the batch again if the order reopened it. */
  readonly set: (status: BatchStatus) => void;
  readonly stop: () => void;
}

export function watchBatch(first: BatchStatus): LiveBatch {
  const status = signal(first);
  const connected = signal(true);
  let source: EventSource | undefined;
  const close = (): void => {
    source?.close();
    source = undefined;
  };
  const open = (): void => {
    if (source !== undefined || isEnded(status.peek())) return;
    source = new EventSource(`/v1/batches/${encodeURIComponent(first.id)}/events`);
    const take = (event: MessageEvent<string>): void => {
      status.value = JSON.parse(event.data) as BatchStatus;
    };
    source.addEventListener("batch", take);
    source.addEventListener("batch-end", (event) => {
      take(event);
      close();
    });
    source.addEventListener("open", () => (connected.value = true));
    source.addEventListener("error", () => (connected.value = false));
  };
  open();
  return {
    status,
    connected,
    set: (next) => {
      status.value = next;
      open();
    },
    stop: close,
  };
}
