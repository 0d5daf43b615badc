/** What an operation costs the thread of Redis that runs commands, in µs: `base` once and `each` for every item. */
export interface Cost {
  readonly base: number;
  readonly each: number;
}

/** The simulation's inputs; `npm run simulate -- measure` writes them. */
export interface Measured {
  readonly machine: { readonly cpu: string; readonly cores: number; readonly redis: string; readonly node: string };
  /** One real batch, through real producer and worker, with the twin. */
  readonly batch: {
    readonly portraits: number;
    readonly twinLatencyMs: number;
    readonly concurrency: number;
    readonly wallSeconds: number;
    /** From the first portrait's start to the last one's end. */
    readonly workSeconds: number;
    /** Commands that clients sent, by name and a portrait. */
    readonly commandsPerPortrait: Readonly<Record<string, number>>;
    readonly commandsTotalPerPortrait: number;
    readonly scriptCallsPerPortrait: number;
    readonly redisCpuUsPerPortrait: number;
    /** What the same processes cost Redis with no batch, µs of CPU a second; taken off above. */
    readonly idleCpuUsPerSecond: number;
    /** What a portrait takes beside its provider call, on average. */
    readonly besideProviderMs: number;
  };
  readonly us: Readonly<Record<Operation, Cost>>;
  /** CPU of the producer's own process, µs: a batch, a million portraits swept, a job added, an outcome line. */
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
    /** One peek that finds nothing pending in all that it may read: how long it blocks Redis, and what it passes. */
    readonly emptyPeekUs: number;
    readonly emptyPeekPortraits: number;
  };
  /** A message that is published on a cluster goes to every node: CPU of a node for one that it sends on, and gets. */
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
