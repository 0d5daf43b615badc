import type { BatchSpec } from "../batch/batch.ts";
import type { ErrorCode } from "../errors.ts";
import { batchKeys } from "../report/report.ts";
import { type DestinationFault } from "./destination-fault.ts";

const FAULTS: Partial<Readonly<Record<ErrorCode, DestinationFault>>> = {
  storage_denied: "denied",
  storage_full: "full",
  storage_not_found: "missing",
  storage_unavailable: "unavailable",
};

/** Maps the error code of a failed write probe to the destination's fault. */
export function destinationFault(code: ErrorCode): DestinationFault {
  return FAULTS[code] ?? "unusable";
}

/** A destination, or one of its folders, that currently accepts no writes. */
export interface BlockedDestination {
  /** Store URL of the destination. */
  readonly url: string;
  /** The topmost refused folder below the destination. Ends with a slash, or is empty for the whole destination. */
  readonly folder: string;
  readonly reason: DestinationFault;
  /** The store's own message. */
  readonly message: string;
  /** ISO 8601. */
  readonly since: string;
  /** Time of the next probe (epoch ms, Redis' clock). */
  readonly nextLookAt: number;
}

/**
 * Returns the folders of a key, the store's root ("") first.
 *
 * @returns each with a trailing slash, except the first
 */
export function foldersOf(key: string): readonly string[] {
  const names = key.split("/").slice(0, -1);
  return ["", ...names.map((_, place) => `${names.slice(0, place + 1).join("/")}/`)];
}

/** The part of a batch that determines where it writes. */
export type WritingBatch = Pick<BatchSpec, "id" | "schedule"> & { readonly destination: { readonly url: string } };

/**
 * Returns the block that prevents a result from being stored. A block of a folder affects the results below it. A block
 * of the folder with the batch's own files, or of the schedule's delivery notes, affects all results of the batch.
 * Without delivery notes, the next run would pay again.
 *
 * @param key the result's key; if omitted, only blocks of the whole batch count
 */
export function blockOf(
  blocked: readonly BlockedDestination[],
  { id, destination, schedule }: WritingBatch,
  key?: string,
): BlockedDestination | undefined {
  const ownFolder = batchKeys(id).base;
  return blocked.find(({ url, folder }) => {
    if (url === destination.url && (ownFolder.startsWith(folder) || key?.startsWith(folder) === true)) return true;
    return url === schedule?.deliveredUrl;
  });
}

/** Returns the store URLs that a batch writes to. */
export function writtenUrls({ destination, schedule }: WritingBatch): readonly string[] {
  return schedule === undefined ? [destination.url] : [destination.url, schedule.deliveredUrl];
}
