/**
 * Returns a lane's keys, which share one hash tag: BullMQ's keys of the queue, and
 *
 *   {ns:lane}:gate:hold      string  no call before this time (epoch ms), after a 429      expires
 *   {ns:lane}:gate:slots     zset    leases of running calls by expiry                     swept on every call
 *   {ns:lane}:gate:clock     string  GCRA's theoretical arrival time (epoch ms)            expires
 *   {ns:lane}:gate:limits    hash    learned limits of the account; see gate-limits.ts     a day after the last refusal
 *   {ns:lane}:gate:failures  zset    leases of consecutive failed calls, by time           expires, or on an answer
 *   {ns:lane}:lane:blocked   hash    why the lane is blocked; see blocked-state.ts         deleted on unblocking
 *   {ns:lane}:lane:keys      hash    keys that the account accepted or refused; account-keys.ts  stays
 *   {ns:lane}:sessions:…     zsets   sessions to delete at the provider; left-sessions.ts  each when deleted; 30 days
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
    accountKeys: `${prefix}:lane:keys`,
    sessionsDue: `${prefix}:sessions:due`,
    sessionsSince: `${prefix}:sessions:since`,
  } as const;
}
