import type { DueLine } from "@darkroom/webhooks";

/** Simultaneous deliveries to one endpoint. */
export const MOST_OF_ENDPOINT = 8;
/** Simultaneous deliveries of one producer. */
export const MOST_OF_PRODUCER = 256;

/** Deliveries in progress. */
export interface BusySlots {
  readonly all: number;
  /** Those of messages that have failed before. */
  readonly retries: number;
}

/**
 * Chooses lines to serve now. Messages that have failed before get at most half of the slots, of the endpoint and of
 * the producer, so that a batch or a receiver that fails slowly does not delay the others.
 *
 * @param due the endpoint's due lines that are not being served
 */
export function chooseLines(due: readonly DueLine[], endpoint: BusySlots, producer: BusySlots): readonly DueLine[] {
  const free = (most: number, endpointMost: number, kind: keyof BusySlots): number =>
    Math.min(most - producer[kind], endpointMost - endpoint[kind]);
  const retries = Math.max(0, free(MOST_OF_PRODUCER / 2, MOST_OF_ENDPOINT / 2, "retries"));
  const all = Math.max(0, free(MOST_OF_PRODUCER, MOST_OF_ENDPOINT, "all"));
  const first = due.filter(({ attempts }) => attempts === 0);
  const again = due.filter(({ attempts }) => attempts > 0);
  return [...first, ...again.slice(0, retries)].slice(0, all);
}
