/** Cost of an operation for the thread of Redis that runs commands, in µs: `base` once plus `each` per item. */
export interface Cost {
  readonly base: number;
  readonly each: number;
}

/** The simulation's inputs, written by `npm run simulate -- measure`. */
export interface Measured {
  readonly machine: { readonly cpu: string; readonly cores: number; readonly redis: string; readonly node: string };
  /** One real batch, through real producer and worker, with the simulator. */
  readonly batch: {
    readonly portraits: number;
    readonly twinLatencyMs: number;
    readonly concurrency: number;
    readonly wallSeconds: number;
    /** From the first portrait's start to the last portrait's end. */
    readonly workSeconds: number;
    /** Commands sent by clients, by name and per portrait. */
    readonly commandsPerPortrait: Readonly<Record<string, number>>;
    readonly commandsTotalPerPortrait: number;
    readonly scriptCallsPerPortrait: number;
    readonly redisCpuUsPerPortrait: number;
    /** CPU of Redis for the same processes without a batch, µs per second. Subtracted above. */
    readonly idleCpuUsPerSecond: number;
    /** Average duration of a portrait without its provider call, in ms, in an earlier batch of the same measurement. */
    readonly besideProviderMs: number;
  };
  readonly us: Readonly<Record<Operation, Cost>>;
  /** CPU of the producer process, µs: per batch, per million swept portraits, per added job, per outcome line. */
  readonly producerUs: {
    readonly readBatch: number;
    readonly readForDispatch: number;
    readonly sweepPerMillion: number;
    readonly addJob: number;
    readonly drainLine: number;
  };
  readonly states: {
    readonly portraits: number;
    readonly usedBytes: number;
    readonly addPartsPerSecond: number;
    /**
     * A peek that reads its maximum and finds nothing pending: how long the peek blocks Redis, and how far it reads.
     */
    readonly emptyPeekUs: number;
    readonly emptyPeekPortraits: number;
  };
  /**
   * A message published on a cluster, which is sent to every node: CPU of a node for sending it, and for receiving it.
   */
  readonly clusterMessage: { readonly nodes: number; readonly sentUs: number; readonly receivedUs: number };
  readonly ingest: { readonly rows: number; readonly rowsPerSecond: number };
}

const OPERATIONS = [
  "claim",
  "writeReceipt",
  "settle",
  "gateEnter",
  "gateLeave",
  "gateRenew",
  "publish",
  "beat",
  "look",
  "readBatch",
  "readForDispatch",
  "readBlocked",
  "lease",
  "peek",
  "mark",
  "add",
  "finishAndNext",
  "wake",
  "extendLocks",
  "exists",
  "existsTogether",
  "drain",
] as const;

export type Operation = (typeof OPERATIONS)[number];
