import type { DueLine } from "@darkroom/webhooks";

/** Simultaneous deliveries to one endpoint. */
export const MOST_OF_ENDPOINT = 8;
/** Simultaneous deliveries for one tenant, so that no tenant's slow receivers delay another tenant. */
export const MOST_OF_TENANT = 64;
/** Simultaneous deliveries of one producer. */
export const MOST_OF_PRODUCER = 256;

/** Deliveries in progress. */
export interface BusySlots {
  readonly all: number;
  /** Those of messages that have failed before. */
  readonly retries: number;
}

/** Deliveries in progress to the endpoint, for its tenant, and of this producer. */
export interface Busy {
  readonly endpoint: BusySlots;
  readonly tenant: BusySlots;
  readonly producer: BusySlots;
}

/**
 * Chooses lines to serve now. Messages that have failed before get at most half of the slots of each kind, so that a
 * batch or a receiver that fails slowly does not delay the others.
 *
 * @param due the endpoint's due lines that are not being served
 */
export function chooseLines(due: readonly DueLine[], { endpoint, tenant, producer }: Busy): readonly DueLine[] {
  const free = (kind: keyof BusySlots, share: number): number =>
    Math.max(
      0,
      Math.min(
        MOST_OF_ENDPOINT * share - endpoint[kind],
        MOST_OF_TENANT * share - tenant[kind],
        MOST_OF_PRODUCER * share - producer[kind],
      ),
    );
  const first = due.filter(({ attempts }) => attempts === 0);
  const again = due.filter(({ attempts }) => attempts > 0);
  return [...first, ...again.slice(0, free("retries", 1 / 2))].slice(0, free("all", 1));
}
