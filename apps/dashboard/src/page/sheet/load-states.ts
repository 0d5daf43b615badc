import { signal, type ReadonlySignal } from "@preact/signals";
import { call } from "../api/client.ts";
import type { BatchStatus } from "../api/types.ts";
import { StatesMap, type DecidedPortraits } from "./states-map.ts";

/** Minimum interval between two reads while a batch changes, in ms. */
const EVERY_MS = 1_000;

/** The part of a status that the sheet needs. */
export type SheetStatus = Pick<BatchStatus, "id" | "state" | "cancelling" | "counts" | "review">;

/** The states of all portraits of a batch. Read again whenever the batch's counts have changed. */
export interface StatesReader {
  readonly states: ReadonlySignal<StatesMap>;
  /** Informs the reader of the batch's current status. */
  readonly follow: (status: SheetStatus) => void;
  /** Applies decisions that the server has recorded. */
  readonly decided: (changes: readonly DecidedPortraits[]) => void;
  readonly stop: () => void;
}

export function readStates(id: string): StatesReader {
  const states = signal(new StatesMap(new Uint8Array(), 0));
  const abort = new AbortController();
  let etag: string | undefined;
  let shown = "";
  let wanted: SheetStatus | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const read = async (): Promise<void> => {
    const status = wanted;
    wanted = undefined;
    if (status === undefined) {
      timer = undefined;
      return;
    }
    try {
      const response = await call("GET", `/v1/batches/${encodeURIComponent(id)}/states`, { signal: abort.signal });
      const tag = response.headers.get("etag") ?? undefined;
      if (tag === undefined || tag !== etag || states.peek().length !== status.counts.total) {
        etag = tag;
        const bytes = new Uint8Array(await response.arrayBuffer());
        states.value = new StatesMap(bytes, status.counts.total, status.cancelling || status.state === "cancelled");
      }
    } catch {
      // The next change of the batch triggers another read. The status shows the connection error.
      shown = "";
    }
    if (!abort.signal.aborted) timer = setTimeout(() => void read(), EVERY_MS);
  };
  return {
    states,
    follow: (status) => {
      const { undecided, approved, rejected } = states.peek().reviewCounts();
      const { review } = status;
      // Decisions also arrive as events. If the counts agree, no event was missed.
      const isCurrent = review.undecided === undecided && review.approved === approved && review.rejected === rejected;
      const now = JSON.stringify([status.counts, status.state, status.cancelling, isCurrent ? 0 : review.revision]);
      if (now === shown) return;
      shown = now;
      wanted = status;
      if (timer === undefined) {
        timer = setTimeout(() => {}, 0);
        void read();
      }
    },
    decided: (changes) => (states.value = states.peek().decided(changes)),
    stop: () => {
      abort.abort();
      clearTimeout(timer);
    },
  };
}
