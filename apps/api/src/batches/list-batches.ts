import type { BatchStatus } from "@darkroom/core";
import { nextCursor, positionOf } from "../http/cursor.ts";
import type { Services } from "../services.ts";
import { viewBatch } from "./batch-view.ts";

/** A page of batches, newest first. */
export interface BatchPage {
  readonly batches: BatchStatus[];
  /** Null at the end. */
  readonly nextCursor: string | null;
}

export interface BatchListing {
  readonly limit: number;
  /** `nextCursor` of the previous page. */
  readonly cursor?: string | undefined;
  /** Only its batches. Defaults to all. */
  readonly tenant?: string | undefined;
}

export async function listBatches(
  services: Parameters<typeof viewBatch>[0] & Pick<Services, "ledger">,
  { limit, cursor, tenant }: BatchListing,
): Promise<BatchPage> {
  const list = { batches: tenant ?? null };
  const ids = await services.ledger.listBatches(limit + 1, positionOf(list, cursor, "string"), tenant);
  const page = ids.slice(0, limit);
  const records = await Promise.all(page.map((id) => services.ledger.read(id)));
  const known = records.filter((record) => record !== undefined);
  return {
    batches: await Promise.all(known.map((record) => viewBatch(services, record))),
    nextCursor: nextCursor(list, ids.length > limit ? page.at(-1) : undefined),
  };
}
