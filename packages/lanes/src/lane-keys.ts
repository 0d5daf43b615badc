/**
 * A lane's keys share one hash tag: BullMQ's own keys of the queue, and
 *
 *   {ns:lane}:gate:hold      string  no call before this time (epoch ms), after a 429      expires by itself
 *   {ns:lane}:gate:slots     zset    leases of running calls by expiry                     swept at every turn
 *   {ns:lane}:gate:clock     string  GCRA's theoretical arrival time (epoch ms)            expires by itself
 *   {ns:lane}:gate:limits    hash    what was learned of the account; see gate-limits.ts   a day after the last lesson
 *   {ns:lane}:gate:failures  zset    leases of calls that failed in a row, by time         by itself, or on an answer
 *   {ns:lane}:lane:blocked   hash    why the lane rests; see blocked-state.ts              deleted on unblocking
 *   {ns:lane}:sessions:…     zsets   sessions to clear at the provider; left-sessions.ts   each when cleared; 30 days
 */
export function laneKeys(namespace: string, lane: string) {
  const prefix = `{${namespace}:${lane}}`;
  return {
    prefix,
    hold: `${prefix}:gate:hold`,
    slots: `${prefix}:gate:slots`,
    clock: `${prefix}:gate:clock`,
    limits: `${prefix}:gate:limits`,
    failures: `${prefix}:gate:failures`,
    blocked: `${prefix}:lane:blocked`,
    sessionsDue: `${prefix}:sessions:due`,
    sessionsSince: `${prefix}:sessions:since`,
  } as const;
}
