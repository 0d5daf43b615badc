import {
  type BatchConsistency,
  type LeftBehindCounts,
  type BatchSpec,
  type BatchState,
  type DaySpent,
  type KnownRows,
  MICRO,
  NOTHING_SPENT,
  type OutcomeCode,
  PORTRAIT_STATES,
  PRICE_KINDS,
  type Pauser,
  type PortraitCounts,
  type PortraitState,
  type PriceKinds,
  type ReviewStatus,
  type Round,
  type SourceFindings,
  isEnded,
  type BatchLikeness,
} from "@darkroom/core";
import { parseStalls, type Stall } from "./stalls.ts";

/** A batch as stored in the ledger. */
export interface BatchRecord {
  readonly spec: BatchSpec;
  /** The lane of dispatch: the batch's own, or its fallback's. */
  readonly lane: string;
  /** When the batch failed over to its fallback (epoch ms). */
  readonly divertedAt: number | undefined;
  readonly state: BatchState;
  readonly reason: string | undefined;
  readonly pausedBy: Pauser | undefined;
  /**
   * True if the batch was stopped by a user, its deadline or its budget. The batch's pending portraits then count as
   * ended.
   */
  readonly cancelled: boolean;
  /** The outcome of portraits of a stopped batch that never started. */
  readonly stopCode: OutcomeCode;
  /** True if running portraits of a stopped batch are also ended. */
  readonly endsRunning: boolean;
  /** True if no portrait may start before a user has confirmed the batch. */
  readonly unconfirmed: boolean;
  /** Size of the pilot, while it runs or waits for approval. */
  readonly pilot: number | undefined;
  /** The portraits of the pilot, once they are chosen. */
  readonly pilotPicks: readonly number[] | undefined;
  readonly maxCostUsd: number | undefined;
  /** The total cost of the refused portrait that needs the smallest budget increase, while the budget is full. */
  readonly budgetNeedsUsd: number | undefined;
  /**
   * In a rebuilt batch with a budget: portraits that may have been called before Redis was lost, and were not recalled
   * yet.
   */
  readonly toRecall: number;
  /** The current round; 0 is the first. */
  readonly round: number;
  /**
   * The round of every portrait that was not reopened individually: the last round in which a stopped batch continued.
   */
  readonly baseRound: number;
  readonly rounds: readonly (Round & { readonly opened: number })[];
  /** The round whose portraits are being reopened. */
  readonly reopening: number | undefined;
  /** Counts users' changes. The object store has all changes up to `storedRevision`. */
  readonly revision: number;
  readonly storedRevision: number;
  /** When the batch was rebuilt from the object store (epoch ms). */
  readonly recoveredAt: number | undefined;
  /** Position of the batch's newest event in its feed; undefined without events. */
  readonly lastEvent: string | undefined;
  /** The conditions last reported in the batch's feed: the cause of a block, and whether workers are missing. */
  readonly told: { readonly blocked: string | undefined; readonly unattended: string | undefined };
  /** Why the source could not be read to its end. Rows read before the error are processed. */
  readonly sourceFault: string | undefined;
  /** Failing duties of the batch's producer. */
  readonly stalls: readonly Stall[];
  /** The user's reason to end the batch without the files that cannot be written, if requested. */
  readonly endNow: string | undefined;
  /** True if the batch has ended and has a report. */
  readonly hasReport: boolean;
  /** A note about a source that was read to its end. */
  readonly sourceNote: string | undefined;
  /** Findings about the source, apart from its rows. Undefined until the source was read. */
  readonly findings: SourceFindings | undefined;
  readonly ingested: boolean;
  /** Fence of the last ingest. Rows read from the snapshot are valid while the fence is unchanged. */
  readonly fence: number;
  readonly counts: PortraitCounts;
  readonly failures: Readonly<Record<string, number>>;
  /** Rows that may cost more or less than the recipe. */
  readonly kinds: PriceKinds;
  readonly parts: number;
  readonly cursor: number;
  readonly epoch: number;
  readonly costUsd: number;
  readonly lostUsd: number;
  readonly maybeUsd: number;
  /** Portraits that are partly or fully paid and have not ended. `costUsd` does not include their cost. */
  readonly unstored: { readonly portraits: number; readonly usd: number };
  /** The unstored portraits whose result could not be fetched or stored at the last attempt. */
  readonly stuck: number;
  /** With a budget: the amount authorized for portraits that have not ended. */
  readonly authorizedUsd: number;
  /** The costs by lane and by the day on which portraits ended. */
  readonly days: readonly DaySpent[];
  readonly maybeBilled: number;
  readonly reportSequence: number;
  /** Epoch ms. */
  readonly createdAt: number;
  readonly startedAt: number | undefined;
  readonly endedAt: number | undefined;
  /** The consistency of the portraits, once the batch has ended; undefined for too few. */
  readonly consistency: BatchConsistency | undefined;
  /** The likeness of the results to their sources, once the batch has ended; undefined if no face was compared. */
  readonly likeness: BatchLikeness | undefined;
  /** See `BatchStatus`. */
  readonly leftBehind: LeftBehindCounts;
  /** The decisions about results, and the number of the review log's latest line. */
  readonly review: Omit<ReviewStatus, "undecided">;
  /** Newest first. */
  readonly samples: readonly { readonly atMs: number; readonly settled: number }[];
}

type Fields = Readonly<Record<string, string>>;

function optionalNumber(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text);
}

function microUsd(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text) / MICRO;
}

function parseRounds(meta: Fields): BatchRecord["rounds"] {
  return Array.from({ length: Number(meta["round"] ?? 0) }, (_, before) => {
    const number = before + 1;
    const round = JSON.parse(meta[`round:${number}`] ?? "{}") as Omit<Round, "number">;
    const again = meta[`again:${number}`] === undefined ? {} : { again: true as const };
    return { ...round, ...again, number, opened: Number(meta[`opened:${number}`] ?? 0) };
  });
}

/** Returns the fields of the meta hash that count rows by price tier. */
export function kindFields(kinds: PriceKinds): Record<string, number> {
  return Object.fromEntries(Object.entries(kinds).map(([kind, count]) => [`kind:${kind}`, count]));
}

function parseKinds(meta: Fields): PriceKinds {
  const counted = PRICE_KINDS.map((kind) => [kind, Number(meta[`kind:${kind}`] ?? 0)] as const);
  return Object.fromEntries(counted.filter(([, count]) => count > 0));
}

/** Returns the counts of a batch's rows once its source was read to its end; undefined before. */
export function rowsRead({
  ingested,
  counts,
  kinds,
}: Pick<BatchRecord, "ingested" | "counts" | "kinds">): KnownRows["read"] {
  return ingested ? { total: counts.total, kinds } : undefined;
}

const DAY_FIELD = /^(cost|lost|maybe):(\d{4}-\d\d-\d\d):(.*)$/;

/** Returns the fields of the meta hash with costs per day. An empty lane is the batch's own. */
export function dayFields(days: readonly DaySpent[], ownLane: string): Record<string, number> {
  const fields: Record<string, number> = {};
  for (const { day, lane, costUsd, lostUsd, maybeUsd } of days) {
    const where = `${day}:${lane === ownLane ? "" : lane}`;
    for (const [part, usd] of [
      ["cost", costUsd],
      ["lost", lostUsd],
      ["maybe", maybeUsd],
    ] as const) {
      if (usd !== 0) fields[`${part}:${where}`] = Math.round(usd * MICRO);
    }
  }
  return fields;
}

function parseDays(meta: Fields, ownLane: string): DaySpent[] {
  const days = new Map<string, DaySpent>();
  for (const [field, micro] of Object.entries(meta)) {
    const [, part, day = "", lane = ""] = DAY_FIELD.exec(field) ?? [];
    if (part === undefined) continue;
    const where = `${day}:${lane}`;
    const before = days.get(where) ?? { day, lane: lane === "" ? ownLane : lane, ...NOTHING_SPENT };
    days.set(where, { ...before, [`${part}Usd`]: Number(micro) / MICRO });
  }
  // A Redis hash has no order.
  return [...days.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, spent]) => spent);
}

/** Returns the spec with the accounts that have worked for the batch, instead of those at acceptance. */
function withAccounts(spec: BatchSpec, meta: Fields): BatchSpec {
  const { needs } = spec;
  if (needs === undefined) return spec;
  const accounts = Object.entries(needs.accounts).map(
    ([lane, mark]) => [lane, meta[`account:${lane}`] ?? mark] as const,
  );
  return { ...spec, needs: { ...needs, accounts: Object.fromEntries(accounts) } };
}

export function parseBatchRecord(
  meta: Fields,
  failures: Fields,
  samples: readonly string[],
  stuck: number,
): BatchRecord | undefined {
  if (meta["spec"] === undefined || meta["state"] === undefined) return undefined;
  const spec = withAccounts(JSON.parse(meta["spec"]) as BatchSpec, meta);
  const counts = { total: Number(meta["total"]) } as Record<PortraitState | "total", number>;
  PORTRAIT_STATES.forEach((state, place) => (counts[state] = Number(meta[`n${place}`] ?? 0)));
  return {
    spec,
    lane: meta["lane"] ?? spec.lane,
    divertedAt: optionalNumber(meta["divertedAt"]),
    state: meta["state"] as BatchState,
    reason: meta["reason"],
    pausedBy: meta["pausedBy"] as Pauser | undefined,
    cancelled: meta["cancelled"] !== undefined,
    stopCode: (meta["stopCode"] ?? "cancelled") as OutcomeCode,
    endsRunning: meta["cancelled"] === "1",
    unconfirmed: meta["confirm"] !== undefined,
    pilot: optionalNumber(meta["pilot"]),
    pilotPicks: meta["pilotPicks"]?.split(",").filter(Boolean).map(Number),
    maxCostUsd: microUsd(meta["maxCostMicroUsd"]),
    budgetNeedsUsd: microUsd(meta["budgetNeeds"]),
    toRecall: Number(meta["toRecall"] ?? 0),
    round: Number(meta["round"] ?? 0),
    baseRound: Number(meta["baseRound"] ?? 0),
    rounds: parseRounds(meta),
    reopening: optionalNumber(meta["reopening"]),
    revision: Number(meta["revision"] ?? 0),
    storedRevision: Number(meta["storedRevision"] ?? 0),
    recoveredAt: optionalNumber(meta["recovered"]),
    lastEvent: meta["event"],
    told: { blocked: meta["told:blocked"], unattended: meta["told:unattended"] },
    sourceFault: meta["sourceFault"],
    stalls: parseStalls(meta),
    endNow: meta["endNow"],
    hasReport: isEnded(meta["state"] as BatchState) && meta["state"] !== "failed" && meta["noReport"] === undefined,
    sourceNote: meta["sourceNote"],
    fence: Number(meta["fence"] ?? 0),
    findings: meta["findings"] === undefined ? undefined : (JSON.parse(meta["findings"]) as SourceFindings),
    ingested: meta["ingested"] !== undefined,
    counts,
    kinds: parseKinds(meta),
    failures: Object.fromEntries(Object.entries(failures).map(([code, count]) => [code, Number(count)])),
    parts: Number(meta["parts"]),
    cursor: Number(meta["cursor"]),
    epoch: Number(meta["epoch"]),
    costUsd: microUsd(meta["costMicroUsd"]) ?? 0,
    lostUsd: microUsd(meta["lostMicroUsd"]) ?? 0,
    maybeUsd: microUsd(meta["maybeMicroUsd"]) ?? 0,
    unstored: { portraits: Number(meta["unstored"] ?? 0), usd: microUsd(meta["unstoredMicroUsd"]) ?? 0 },
    stuck,
    authorizedUsd: microUsd(meta["authorizedMicroUsd"]) ?? 0,
    days: parseDays(meta, spec.lane),
    maybeBilled: Number(meta["maybeBilled"]),
    reportSequence: Number(meta["reportSequence"]),
    createdAt: Number(meta["createdAt"]),
    startedAt: optionalNumber(meta["startedAt"]),
    endedAt: optionalNumber(meta["endedAt"]),
    consistency: meta["consistency"] === undefined ? undefined : (JSON.parse(meta["consistency"]) as BatchConsistency),
    likeness: meta["likeness"] === undefined ? undefined : (JSON.parse(meta["likeness"]) as BatchLikeness),
    leftBehind: meta["leftBehind"] === undefined ? {} : (JSON.parse(meta["leftBehind"]) as LeftBehindCounts),
    review: {
      revision: Number(meta["reviewRevision"] ?? 0),
      approved: Number(meta["reviewApproved"] ?? 0),
      rejected: Number(meta["reviewRejected"] ?? 0),
    },
    samples: samples.map((sample) => {
      const [atMs, settled] = sample.split(":").map(Number);
      return { atMs: atMs ?? 0, settled: settled ?? 0 };
    }),
  };
}
