/**
 * A lane's keys share one hash tag: BullMQ's own keys of the queue, and
 *
 *   {ns:lane}:gate:hold     string  no call before this time (epoch ms), after a 429      expires by itself
 *   {ns:lane}:gate:slots    zset    leases of running calls by expiry                     swept at every turn
 *   {ns:lane}:gate:clock    string  GCRA's theoretical arrival time (epoch ms)            expires by itself
 *   {ns:lane}:blocked       string  JSON of BlockedLane                                   deleted on unblocking
 */
export function laneKeys(namespace: string, lane: string) {
  const prefix = `{${namespace}:${lane}}`;
  return {
    prefix,
    hold: `${prefix}:gate:hold`,
    slots: `${prefix}:gate:slots`,
    clock: `${prefix}:gate:clock`,
    blocked: `${prefix}:blocked`,
  } as const;
}
