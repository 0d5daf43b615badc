import type { BatchRecord } from "@darkroom/ledger";
import type { Caller } from "../access/caller.ts";
import { findPortraits } from "../portraits/find-portraits.ts";
import type { FoundPortrait } from "../portraits/found-portrait.ts";
import type { Services } from "../services.ts";
import type { Where } from "./action-schemas.ts";

const PAGE = 10_000;

/** The portraits that an action applies to. */
export interface ActionContext {
  readonly services: Services;
  readonly record: BatchRecord;
  readonly caller: Caller;
}

/**
 * Finds all portraits that match a query, in order.
 *
 * @param concerns true for a portrait that the action can be about
 */
export async function matchPortraits(
  { services, record, caller }: ActionContext,
  { indexes, ...filter }: Where,
  concerns: (portrait: FoundPortrait) => boolean,
): Promise<readonly number[]> {
  const named = indexes === undefined ? undefined : new Set(indexes);
  const matched: number[] = [];
  for (let cursor: number | undefined = 0; cursor !== undefined;) {
    const page = await findPortraits(services, record, { cursor, limit: PAGE, filter, caller });
    for (const portrait of page.found) {
      if ((named?.has(portrait.index) ?? true) && concerns(portrait)) matched.push(portrait.index);
    }
    cursor = page.next;
  }
  return matched;
}
