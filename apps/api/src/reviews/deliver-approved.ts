import { DarkroomError, destinationsOverlap, finalAction, type ObjectStore } from "@darkroom/core";
import { noteFinalPlace } from "@darkroom/archive";
import type { BatchRecord } from "@darkroom/ledger";
import type { Services } from "../services.ts";
import { FinalPortrait } from "./final-portrait.ts";

/** Portraits handled by one request. */
const MOST_PORTRAITS = 50;
/** Portraits handled at once. Each holds one picture in memory. */
const AT_ONCE = 4;
/** Portraits whose decisions are read at once. */
const CHUNK = 8_192;

/** A user's order to deliver the approved results. */
export interface FinalOrder {
  /** URL of the final place, and the store there. */
  readonly url: string;
  readonly target: ObjectStore;
  /** Undefined for the results' own keys. */
  readonly template: string | undefined;
  /** The position after the previous request. */
  readonly cursor: number;
}

export interface FinalDelivery {
  /** Portraits with at least one copied file. */
  readonly delivered: number;
  /** Portraits whose copies were there already. */
  readonly unchanged: number;
  /** Portraits whose earlier copies were removed, because they are no longer approved. */
  readonly removed: number;
  readonly problems: readonly { readonly index: number; readonly id: string | null; readonly message: string }[];
  /** Undefined at the end. */
  readonly nextCursor: number | undefined;
}

/**
 * Makes the final place contain exactly the approved results and their cuts. Removes copies of results that are no
 * longer approved, whatever their names. Idempotent, because a copy is identified by its content.
 */
export async function deliverApproved(
  services: Services,
  record: BatchRecord,
  { url, target, template, cursor }: FinalOrder,
): Promise<FinalDelivery> {
  const { id, destination } = record.spec;
  const results = services.openStore(destination.url);
  const formerTemplates = await noteFinalPlace(results, id, { url, template });
  const { indexes, nextCursor } = await decidedFrom(services, record, cursor);
  const place = { target, template, formerTemplates };
  const portraits = await FinalPortrait.ofAll(services, record, place, indexes);
  const keys = new Map<string, number>();
  for (const portrait of portraits) if (portrait.action === "copy") portrait.claimNames(keys);
  const counts = { delivered: 0, unchanged: 0, removed: 0, none: 0 };
  const problems: { index: number; id: string | null; message: string }[] = [];
  const bring = async (portrait: FinalPortrait): Promise<void> => {
    const told = await portrait.bring();
    counts[told.ended]++;
    problems.push(...told.messages.map((message) => ({ index: portrait.index, id: portrait.id, message })));
  };
  const approved = portraits.filter(({ action }) => action === "copy");
  // A removed copy frees its name for an approved portrait.
  for (const some of [portraits.filter((portrait) => !approved.includes(portrait)), approved]) {
    for (let at = 0; at < some.length; at += AT_ONCE) await Promise.all(some.slice(at, at + AT_ONCE).map(bring));
  }
  const { delivered, unchanged, removed } = counts;
  return { delivered, unchanged, removed, problems: problems.toSorted((a, b) => a.index - b.index), nextCursor };
}

/** Returns the next portraits whose result has a decision. */
async function decidedFrom(
  { ledger }: Pick<Services, "ledger">,
  { spec, counts }: BatchRecord,
  cursor: number,
): Promise<{ readonly indexes: readonly number[]; readonly nextCursor: number | undefined }> {
  const found: number[] = [];
  for (let start = cursor - (cursor % 2); start < counts.total; start += CHUNK) {
    const length = Math.min(CHUNK, counts.total - start);
    const standings = await ledger.reviews.range(spec.id, start, length);
    for (const [offset, standing] of standings.entries()) {
      const index = start + offset;
      if (index < cursor || finalAction(standing) === "none") continue;
      if (found.length >= MOST_PORTRAITS) return { indexes: found, nextCursor: index };
      found.push(index);
    }
  }
  return { indexes: found, nextCursor: undefined };
}

/** @throws DarkroomError `invalid_input` for a place that shares keys with the photos or the results */
export function checkFinalPlace(url: string, { spec }: Pick<BatchRecord, "spec">): void {
  const { source, destination } = spec;
  const isAmongPhotos = source.kind === "prefix" && destinationsOverlap(url, source.url);
  if (!isAmongPhotos && !destinationsOverlap(url, destination.url)) return;
  const what = isAmongPhotos ? "photos" : "results";
  const message = `This place contains the batch's ${what}, or lies among them. Name another destination beside them.`;
  throw new DarkroomError("invalid_input", message, { field: "destination" });
}
