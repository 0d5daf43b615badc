import { type BatchState, MICRO } from "@darkroom/core";

/** The fields of the meta hash that {@link DispatchCounts} is read from, in order. */
export const DISPATCH_FIELDS = [
  "state",
  "total",
  "ingested",
  "confirm",
  "reopening",
  "n0",
  "n1",
  "n2",
  "n3",
  "maxCostMicroUsd",
  "reserveMicroUsd",
  "costMicroUsd",
  "maybeBilled",
  "lostMicroUsd",
  "maybeMicroUsd",
  "heldMicroUsd",
] as const;

/** How a batch stands for dispatch. */
export interface DispatchCounts {
  readonly state: BatchState;
  readonly total: number;
  readonly ingested: boolean;
  /** Nothing may be dispatched: it waits to be confirmed, or portraits of it are being opened again. */
  readonly held: boolean;
  readonly pending: number;
  readonly queued: number;
  readonly running: number;
  readonly retrying: number;
  /** Portraits that a budget still pays for, beside those in flight; Infinity without a budget. */
  readonly affordable: number;
  /** Paid results that could not be fetched or stored when that was tried last. */
  readonly stuck: number;
}

export function parseDispatchCounts(values: readonly (string | null)[], stuck: number): DispatchCounts | undefined {
  const [state, total, ingested, confirm, reopening, n0, n1, n2, n3, max, reserve, cost, maybe, ...unpaid] = values;
  if (state === null || state === undefined) return undefined;
  const [pending, queued, running, retrying] = [Number(n0), Number(n1), Number(n2), Number(n3)];
  return {
    state: state as BatchState,
    total: Number(total),
    ingested: ingested !== null,
    held: confirm !== null || reopening !== null,
    pending,
    queued,
    running,
    retrying,
    stuck,
    affordable:
      max === null || max === undefined
        ? Infinity
        : affordable({
            maxCostUsd: Number(max) / MICRO,
            reserveUsd: Number(reserve) / MICRO,
            costUsd: Number(cost) / MICRO,
            lostUsd: Number(unpaid[0] ?? 0) / MICRO,
            maybeUsd: Number(unpaid[1] ?? 0) / MICRO,
            heldUsd: Number(unpaid[2] ?? 0) / MICRO,
            maybeBilled: Number(maybe),
            inFlight: queued + running + retrying,
          }),
  };
}

export interface Spending {
  readonly maxCostUsd: number;
  /** Set aside for each portrait in flight, and for each of which nobody knows whether it was paid. */
  readonly reserveUsd: number;
  readonly costUsd: number;
  readonly lostUsd: number;
  /** What the calls of those can have cost at most; where it is more than what is set aside for them, it counts. */
  readonly maybeUsd: number;
  /** What calls of portraits that have not ended may have cost beside what is set aside for them. */
  readonly heldUsd: number;
  readonly maybeBilled: number;
  readonly inFlight: number;
}

/** How many portraits more a budget pays for, what is in flight counted in; the ledger's claim counts the same way. */
export function affordable(spending: Spending): number {
  const { maxCostUsd, reserveUsd, costUsd, lostUsd, maybeUsd, heldUsd, maybeBilled, inFlight } = spending;
  const unsureUsd = Math.max(maybeUsd, maybeBilled * reserveUsd);
  const left = Math.round((maxCostUsd - costUsd - lostUsd - unsureUsd - heldUsd) * MICRO);
  if (reserveUsd <= 0) return left > 0 ? Infinity : 0;
  return Math.max(0, Math.floor(left / Math.round(reserveUsd * MICRO)) - inFlight);
}
