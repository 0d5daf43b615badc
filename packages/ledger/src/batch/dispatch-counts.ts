import type { BatchState } from "@darkroom/core";

/** The fields of the meta hash for {@link DispatchCounts}, in order. */
export const DISPATCH_FIELDS = ["state", "total", "ingested", "confirm", "reopening", "n0", "n1", "n2", "n3"] as const;

/** A batch's state for dispatch. */
export interface DispatchCounts {
  readonly state: BatchState;
  readonly total: number;
  readonly ingested: boolean;
  /**
   * True if nothing may be dispatched, because the batch waits for confirmation or its portraits are being reopened.
   */
  readonly held: boolean;
  readonly pending: number;
  readonly queued: number;
  readonly running: number;
  readonly retrying: number;
  /** Paid results that could not be fetched or stored at the last attempt. */
  readonly stuck: number;
}

export function parseDispatchCounts(values: readonly (string | null)[], stuck: number): DispatchCounts | undefined {
  const [state, total, ingested, confirm, reopening, n0, n1, n2, n3] = values;
  if (state === null || state === undefined) return undefined;
  return {
    state: state as BatchState,
    total: Number(total),
    ingested: ingested !== null,
    held: confirm !== null || reopening !== null,
    pending: Number(n0),
    queued: Number(n1),
    running: Number(n2),
    retrying: Number(n3),
    stuck,
  };
}
