import type { BatchSpec } from "../batch/batch.ts";
import type { ErrorCode } from "../errors.ts";
import { batchKeys } from "../report/report.ts";

/** Why a destination takes no results at present. */
export const DESTINATION_FAULTS = ["denied", "full", "missing", "unavailable", "unusable"] as const;

export type DestinationFault = (typeof DESTINATION_FAULTS)[number];

const FAULTS: Partial<Readonly<Record<ErrorCode, DestinationFault>>> = {
  storage_denied: "denied",
  storage_full: "full",
  storage_not_found: "missing",
  storage_unavailable: "unavailable",
};

/** The fault of a destination whose write probe failed with this code. */
export function destinationFault(code: ErrorCode): DestinationFault {
  return FAULTS[code] ?? "unusable";
}

/** A destination, or a folder of it, that takes no writes at present. */
export interface BlockedDestination {
  /** Store URL of the destination. */
  readonly url: string;
  /** The highest folder under it that is refused; ends with a slash, or is empty for all of it. */
  readonly folder: string;
  readonly reason: DestinationFault;
  /** The store's own words. */
  readonly message: string;
  /** ISO 8601. */
  readonly since: string;
  /** When it is probed next (epoch ms, Redis' clock). */
  readonly nextLookAt: number;
}

/**
 * The folders that a key lies in, the store's own ("") first.
 *
 * @returns each with its closing slash, but for the first
 */
export function foldersOf(key: string): readonly string[] {
  const names = key.split("/").slice(0, -1);
  return ["", ...names.map((_, place) => `${names.slice(0, place + 1).join("/")}/`)];
}

/** What of a batch says where it writes. */
export type WritingBatch = Pick<BatchSpec, "id" | "schedule"> & { readonly destination: { readonly url: string } };

/**
 * What keeps a result from being stored: a blocked folder above its key or, for every result of a batch, above the
 * batch's own files or in its schedule's memory, without which the next run would pay again.
 *
 * @param key of the result; without it only what stops the whole batch counts
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

/** The store URLs that a batch writes to. */
export function writtenUrls({ destination, schedule }: WritingBatch): readonly string[] {
  return schedule === undefined ? [destination.url] : [destination.url, schedule.deliveredUrl];
}
