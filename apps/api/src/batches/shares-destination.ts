import { tenantOf, canonicalJson, destinationsOverlap, isEnded } from "@darkroom/core";
import type { BatchRecord } from "@darkroom/ledger";
import type { Services } from "../services.ts";

/**
 * Finds active batches with the same recipe and an overlapping destination. A portrait that two batches share is paid
 * for once, and the later batch waits for the result.
 */
export async function sharesDestination(
  { ledger }: Pick<Services, "ledger">,
  { spec }: BatchRecord,
): Promise<readonly string[]> {
  const others = (await ledger.activeBatches()).filter((id) => id !== spec.id);
  const records = await Promise.all(others.map(async (id) => await ledger.read(id)));
  const recipe = canonicalJson(spec.recipe);
  return (
    records
      .filter((record) => record !== undefined)
      // Responses must not mention another tenant's batch.
      .filter((other) => tenantOf(other.spec) === tenantOf(spec))
      .filter(({ state }) => !isEnded(state))
      .filter((other) => canonicalJson(other.spec.recipe) === recipe)
      .filter(({ spec: { destination } }) => destinationsOverlap(destination.url, spec.destination.url))
      .map((other) => other.spec.id)
      .toSorted()
  );
}
