/**
 * The ledger's keys. One hash tag a batch, so that its scripts run on a cluster; `ns` is the deployment's namespace.
 *
 *   ns:{batch}:meta      hash    spec, state, counts (n0 … n7), cursor, costs    until 30 days after the end
 *   ns:{batch}:states    string  4 bits a portrait                               until 30 days after the end
 *   ns:{batch}:rounds    string  a byte a portrait that was opened again: its round  until 30 days after the end
 *   ns:{batch}:claims    hash    index → token of the worker that runs it        each until settled
 *   ns:{batch}:receipts  hash    index → receipt; "index:summary" → its summary, for scripts; "index:givenUp" → the
 *                                portrait is only to be ended                    each until settled
 *   ns:{batch}:deaths    hash    index → workers that died with it in hand; "index:alone" → of these, the processes that
 *                                died with it alone                              each until settled
 *   ns:{batch}:funded    set     with a budget: pending portraits that money is authorized for  each until dispatched
 *   ns:{batch}:recalls   string  in a rebuilt batch with a budget: a bit a portrait that is to be recalled before its price is
 *                                free for others                                 until all were recalled
 *   ns:{batch}:stuck     set     portraits whose paid result could not be fetched or stored when that was tried last
 *                                each until it ends, is pending again, or waits for a provider or a blocked destination
 *   ns:{batch}:waits     zset    portraits that were put off: for what, and until when  each until it moves
 *   ns:{batch}:outcomes  stream  outcome lines on their way to the report        each until drained
 *   ns:{batch}:failures  hash    outcome code → count                            until 30 days after the end
 *   ns:{batch}:details   hash    index → outcome line of what went wrong, the first 10,000
 *   ns:{batch}:lostResults hash index → where a paid picture was that its portrait ended without, the first 10,000
 *   ns:{batch}:breaker   hash    ended portraits and failures by code, lately    deleted by a resume or a retry
 *   ns:{batch}:orders    hash    order id → what it says and was answered, the newest 200; see orderScript
 *   ns:{batch}:pictures  hash    place → digest, photo and index of a picture that was stored lately, at most 4,096;
 *                                a day, or until the end
 *   ns:{batch}:samples   list    "epoch ms:settled", newest first, for the rate
 *   ns:costs:DAY         hash    "batch lane" → micro-USD of that day of UTC     400 days
 *   ns:batches           zset    batch id by creation                            pruned with the batches
 *   ns:active            set     batches that have not ended
 *   ns:workers           hash    worker id → heartbeat counter
 *   ns:attendance:POST   zset    who is there → when it was said; "gone" → when the last one left  30 days
 *   ns:doubts:WORKER     set     claims that it is asked about                a minute after the last one
 *   ns:destinations      hash    destination that takes no writes → why, and the next look  with its batches
 *   ns:run               hash    which run of Redis this is, and since when
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
  } as const;
}

export function sharedKeys(namespace: string) {
  return {
    batches: `${namespace}:batches`,
    active: `${namespace}:active`,
    workers: `${namespace}:workers`,
    /** @param post `producer`, or `worker:` and a lane */
    attendance: (post: string) => `${namespace}:attendance:${post}`,
    destinations: `${namespace}:destinations`,
    run: `${namespace}:run`,
    /** What this Redis holds, by a random name; see `ledgerMarks`. */
    mark: `${namespace}:mark`,
    schedules: `${namespace}:schedules`,
    control: `${namespace}:control`,
    nudges: `${namespace}:nudges`,
    doubts: (workerId: string) => `${namespace}:doubts:${workerId}`,
    lease: (what: string) => `${namespace}:lease:${what}`,
    /** @param day of UTC, `2026-11-21` */
    costs: (day: string) => `${namespace}:costs:${day}`,
    events: (batchId: string) => `${namespace}:events:${batchId}`,
  } as const;
}
