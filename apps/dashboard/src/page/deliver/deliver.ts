import { call } from "../api/client.ts";
import type { Delivered } from "../api/types.ts";

/** The place of the approved results. */
export interface FinalPlace {
  readonly destination: string;
  /** Undefined for the results' own names. */
  readonly template: string | undefined;
}

/** The outcomes of the portraits so far. */
export interface Progress {
  readonly delivered: number;
  readonly unchanged: number;
  readonly removed: number;
  readonly problems: Delivered["problems"];
}

export const NOTHING_YET: Progress = { delivered: 0, unchanged: 0, removed: 0, problems: [] };

/** Adds the answer of one request to those before it. */
function progressWith(before: Progress, told: Progress): Progress {
  return {
    delivered: before.delivered + told.delivered,
    unchanged: before.unchanged + told.unchanged,
    removed: before.removed + told.removed,
    problems: [...before.problems, ...told.problems],
  };
}

interface Options {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
}

/**
 * Delivers the approved results, one request after another.
 *
 * @returns the outcomes of all portraits
 * @throws ApiError; copied files remain, and another call continues
 */
export async function deliver(
  batchId: string,
  { destination, template }: FinalPlace,
  { signal, onProgress }: Options,
): Promise<Progress> {
  const path = `/v1/batches/${encodeURIComponent(batchId)}/deliveries`;
  let progress = NOTHING_YET;
  for (let cursor: number | null = 0; cursor !== null;) {
    const body = { destination, ...(template === undefined ? {} : { template }), cursor };
    const told = (await (await call("POST", path, { body, signal })).json()) as Delivered;
    progress = progressWith(progress, told);
    onProgress(progress);
    cursor = told.nextCursor;
  }
  return progress;
}
