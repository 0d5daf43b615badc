import {
  destinationsOverlap,
  isEnded,
  isSameOrder,
  lacking,
  tenantOf,
  withRefusedKeys,
  type BatchOrder,
  type BatchStatus,
} from "@darkroom/core";
import { viewBatch } from "./batch-view.ts";
import type { Services } from "../services.ts";

/** An active batch that writes to the same keys as an order. */
export interface Overlap extends BatchStatus {
  /**
   * True when the batch is this same order, was never retried, and can continue with the current accounts and stores.
   */
  readonly sameOrder: boolean;
  /** Portraits with a provider call that have not ended. */
  readonly inFlight: number;
}

/**
 * Finds active batches that write to an order's destination, or to a folder above or below it, oldest first. A new
 * batch would wait for the portraits in flight of these batches.
 *
 * @param tenant owner of the batches; defaults to all tenants
 */
export async function overlapsOf(services: Services, order: BatchOrder, tenant?: string): Promise<readonly Overlap[]> {
  const { ledger, means } = services;
  const records = await Promise.all((await ledger.activeBatches()).map(async (id) => await ledger.read(id)));
  const found = records
    .filter((record) => record !== undefined)
    .filter(({ spec }) => tenant === undefined || tenantOf(spec) === tenant)
    .filter(({ state }) => !isEnded(state))
    .filter(({ spec }) => destinationsOverlap(spec.destination.url, order.destination.url))
    .toSorted((one, other) => one.createdAt - other.createdAt);
  return await Promise.all(
    found.map(async (record) => {
      const refused = new Map([[record.lane, await services.lane(record.lane).accountKeys.neverAccepted()]]);
      const goesOn =
        record.rounds.length === 0 && lacking(record.spec, withRefusedKeys(means, refused), record.lane).length === 0;
      return {
        ...(await viewBatch(services, record)),
        inFlight: await ledger.inFlightCount(record.spec.id),
        sameOrder: goesOn && isSameOrder(record.spec, order),
      };
    }),
  );
}
