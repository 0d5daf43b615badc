import type { BatchStatus } from "@darkroom/core";
import type { Services } from "../services.ts";
import { viewBatch } from "./batch-view.ts";

/** A page of batches, newest first. */
export interface BatchPage {
  readonly batches: BatchStatus[];
  /** `before` for the next page; null at the end. */
  readonly nextBefore: string | null;
}

export interface BatchListing {
  readonly limit: number;
  /** The last id of the previous page. */
  readonly before?: string | undefined;
  /** Only its batches. Defaults to all. */
  readonly tenant?: string | undefined;
}

export async function listBatches(
  services: Parameters<typeof viewBatch>[0] & Pick<Services, "ledger">,
  { limit, before, tenant }: BatchListing,
): Promise<BatchPage> {
  const ids = await services.ledger.listBatches(limit + 1, before, tenant);
  const page = ids.slice(0, limit);
  const records = await Promise.all(page.map((id) => services.ledger.read(id)));
  const known = records.filter((record) => record !== undefined);
  return {
    batches: await Promise.all(known.map((record) => viewBatch(services, record))),
    nextBefore: ids.length > limit ? (page.at(-1) ?? null) : null,
  };
}
