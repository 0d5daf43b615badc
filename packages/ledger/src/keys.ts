/**
 * Returns the keys of one batch. All keys share the batch's hash tag, so that the batch's scripts run on a cluster.
 * `docs/architecture.md`, "The ledger's keys", lists the contents and lifetime of each key.
 *
 * @param namespace the deployment's
 */
export function batchLedgerKeys(namespace: string, batchId: string) {
  const base = `${namespace}:{${batchId}}`;
  return {
    meta: `${base}:meta`,
    states: `${base}:states`,
    claims: `${base}:claims`,
    receipts: `${base}:receipts`,
    outcomes: `${base}:outcomes`,
    failures: `${base}:failures`,
    details: `${base}:details`,
    breaker: `${base}:breaker`,
    rounds: `${base}:rounds`,
    funded: `${base}:funded`,
    recalls: `${base}:recalls`,
    stuck: `${base}:stuck`,
    waits: `${base}:waits`,
    orders: `${base}:orders`,
    deaths: `${base}:deaths`,
    lostResults: `${base}:lostResults`,
    samples: `${base}:samples`,
    pictures: `${base}:pictures`,
    feed: `${base}:feed`,
    reviews: `${base}:reviews`,
    reviewLines: `${base}:reviewLines`,
  } as const;
}

/** Returns the keys that batches share; listed in the same section. */
export function sharedKeys(namespace: string) {
  return {
    batches: `${namespace}:batches`,
    batchesOf: (tenant: string) => `${namespace}:batches:${tenant}`,
    active: `${namespace}:active`,
    workers: `${namespace}:workers`,
    /** @param post `producer`, or `worker:` and a lane */
    attendance: (post: string) => `${namespace}:attendance:${post}`,
    destinations: `${namespace}:destinations`,
    run: `${namespace}:run`,
    /** A random mark of this Redis's data; see `ledgerMarks`. */
    mark: `${namespace}:mark`,
    schedules: `${namespace}:schedules`,
    control: `${namespace}:control`,
    nudges: `${namespace}:nudges`,
    doubts: (workerId: string) => `${namespace}:doubts:${workerId}`,
    lease: (what: string) => `${namespace}:lease:${what}`,
    /** @param day in UTC, `2026-11-21` */
    costs: (day: string) => `${namespace}:costs:${day}`,
    events: (batchId: string) => `${namespace}:events:${batchId}`,
    feed: {
      entries: `{${namespace}:feed}:entries`,
      forwarded: `{${namespace}:feed}:forwarded`,
      channel: `${namespace}:feed`,
    },
  } as const;
}
