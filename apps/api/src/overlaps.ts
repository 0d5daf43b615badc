import {
  destinationsOverlap,
  isEnded,
  isSameOrder,
  lacking,
  withoutBudget,
  type BatchOrder,
  type BatchStatus,
} from "@darkroom/core";
import { viewBatch } from "./batch-view.ts";
import type { Services } from "./services.ts";

/** A batch that has not ended and writes where an order would write. */
export interface Overlap extends BatchStatus {
  /** It is this very order, never retried, and can go on with the present accounts and stores. */
  readonly sameOrder: boolean;
  /** The same, whatever its budget is. */
  readonly sameButBudget: boolean;
  /** Portraits that a provider was called for and that have not ended. */
  readonly inFlight: number;
}

/**
 * The batches that have not ended and write to an order's destination, or to one around or under it, oldest first. What
 * they have in flight the order's own batch would wait for.
 */
export async function overlapsOf(services: Services, order: BatchOrder): Promise<readonly Overlap[]> {
  const { ledger, means } = services;
  const records = await Promise.all((await ledger.activeBatches()).map(async (id) => await ledger.read(id)));
  const found = records
    .filter((record) => record !== undefined)
    .filter(({ state }) => !isEnded(state))
    .filter(({ spec }) => destinationsOverlap(spec.destination.url, order.destination.url))
    .toSorted((one, other) => one.createdAt - other.createdAt);
  return await Promise.all(
    found.map(async (record) => {
      const goesOn = record.rounds.length === 0 && lacking(record.spec, means, record.lane).length === 0;
      return {
        ...(await viewBatch(services, record)),
        inFlight: await ledger.inFlightCount(record.spec.id),
        sameOrder: goesOn && isSameOrder(record.spec, order),
        sameButBudget: goesOn && isSameOrder(withoutBudget(record.spec), withoutBudget(order)),
      };
    }),
  );
}
