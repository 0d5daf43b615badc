import {
  PORTRAIT_STATES,
  type BatchSpec,
  type BatchState,
  type PortraitCounts,
  type PortraitState,
} from "@darkroom/core";

/** A batch as the ledger has it. */
export interface BatchRecord {
  readonly spec: BatchSpec;
  readonly state: BatchState;
  readonly reason: string | undefined;
  readonly cancelled: boolean;
  /** Why the source could not be read to its end; what was read before is done all the same. */
  readonly sourceFault: string | undefined;
  readonly ingested: boolean;
  readonly counts: PortraitCounts;
  readonly failures: Readonly<Record<string, number>>;
  readonly parts: number;
  readonly cursor: number;
  readonly epoch: number;
  readonly costUsd: number;
  readonly maybeBilled: number;
  readonly reportSequence: number;
  /** Epoch ms. */
  readonly createdAt: number;
  readonly startedAt: number | undefined;
  readonly endedAt: number | undefined;
  /** Newest first. */
  readonly samples: readonly { readonly atMs: number; readonly settled: number }[];
}

type Fields = Readonly<Record<string, string>>;

function optionalNumber(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text);
}

export function parseBatchRecord(meta: Fields, failures: Fields, samples: readonly string[]): BatchRecord | undefined {
  if (meta["spec"] === undefined || meta["state"] === undefined) return undefined;
  const counts = { total: Number(meta["total"]) } as Record<PortraitState | "total", number>;
  PORTRAIT_STATES.forEach((state, place) => (counts[state] = Number(meta[`n${place}`] ?? 0)));
  return {
    spec: JSON.parse(meta["spec"]) as BatchSpec,
    state: meta["state"] as BatchState,
    reason: meta["reason"],
    cancelled: meta["cancelled"] !== undefined,
    sourceFault: meta["sourceFault"],
    ingested: meta["ingested"] !== undefined,
    counts,
    failures: Object.fromEntries(Object.entries(failures).map(([code, count]) => [code, Number(count)])),
    parts: Number(meta["parts"]),
    cursor: Number(meta["cursor"]),
    epoch: Number(meta["epoch"]),
    costUsd: Number(meta["costMicroUsd"]) / 1_000_000,
    maybeBilled: Number(meta["maybeBilled"]),
    reportSequence: Number(meta["reportSequence"]),
    createdAt: Number(meta["createdAt"]),
    startedAt: optionalNumber(meta["startedAt"]),
    endedAt: optionalNumber(meta["endedAt"]),
    samples: samples.map((sample) => {
      const [atMs, settled] = sample.split(":").map(Number);
      return { atMs: atMs ?? 0, settled: settled ?? 0 };
    }),
  };
}
