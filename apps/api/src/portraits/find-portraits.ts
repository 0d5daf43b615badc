import type { BatchRecord } from "@darkroom/ledger";
import type { Caller } from "../access/caller.ts";
import type { Services } from "../services.ts";
import { matchesText, needsEnds, type PortraitFilter } from "./portrait-filter.ts";
import { type FoundPortrait } from "./found-portrait.ts";
import { scanPortraits } from "./portrait-scan.ts";

interface Wanted {
  /** Index at which the search begins. */
  readonly cursor: number;
  readonly limit: number;
  readonly filter: PortraitFilter;
  readonly caller: Pick<Caller, "link">;
}

interface FoundPage {
  readonly found: readonly FoundPortrait[];
  /** Index at which the next page begins; undefined at the end. */
  readonly next: number | undefined;
}

/** Finds the portraits of a batch that match a filter, in order. The work of each call is limited. */
export async function findPortraits(
  services: Services,
  record: BatchRecord,
  { cursor, limit, filter, caller }: Wanted,
): Promise<FoundPage> {
  const needs = needsEnds(filter);
  const endOf = needs ? await services.outcomes.of(services, record) : undefined;
  if (needs && endOf === undefined) return { found: [], next: cursor };
  const { q } = filter;
  const store = services.openStore(record.spec.destination.url);
  const matchesRow =
    q === undefined
      ? undefined
      : async (index: number) =>
          matchesText(await services.snapshot.row(store, record.spec.id, index, record.fence), q, caller);
  const scan = await scanPortraits(services.ledger, record, { cursor, limit, filter, endOf, matchesRow });
  return { found: scan.found, next: scan.nextCursor };
}
