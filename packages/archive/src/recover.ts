import {
  batchKeys,
  batchSpecSchema,
  DARKROOM_FOLDER,
  DarkroomError,
  dearestOfBatchUsd,
  isBatchId,
  isRejected,
  KindCount,
  messageOf,
  opensAgain,
  OUTCOMES,
  parseRunningSign,
  rejectedLine,
  remembersCalls,
  runsElsewhere,
  SIGN_LASTS_MS,
  SNAPSHOT_PART_ROWS,
  type BatchSpec,
  type Control,
  type DaySpent,
  type ObjectStore,
  type OutcomeLine,
  type PortraitState,
  type Round,
  type PriceKinds,
  isDetailed,
} from "@darkroom/core";
import type { BatchLimits, BatchRestore, CostBook, Ledger, RestoredBatch } from "@darkroom/ledger";
import { readSnapshot, readSnapshotPart, snapshotFiles } from "@darkroom/manifest";
import { DaySums } from "./day-sums.ts";
import { damagedFile, parseBatchFile, readControlFile, readText, type ControlFile } from "./control-file.ts";
import { bucketOf, OutcomeBuckets } from "./outcome-buckets.ts";

/** The result of recovering one batch. */
export interface Recovered {
  readonly batchId: string;
  /**
   * `recovered`: the batch is in the ledger and continues, or ends again if users had decided about its results.
   * `known`: the ledger already had it. `ended`: the batch had ended and has its report. `damaged`: some of the batch's
   * files are missing. `running`: another Redis seems to run the batch.
   */
  readonly kind: "recovered" | "known" | "ended" | "damaged" | "running";
  /** Portraits found in a recovered batch. */
  readonly total?: number | undefined;
  /** Number of these portraits that had ended. */
  readonly ended?: number | undefined;
  /**
   * True for a recovered batch without any ingested rows, which may never have been accepted. It starts only after a
   * user confirms it.
   */
  readonly unconfirmed?: boolean | undefined;
  /** The damage, or the Redis that runs the batch. */
  readonly message?: string | undefined;
}

export interface RecoverDependencies {
  readonly ledger: Pick<Ledger, "read" | "marks"> & { readonly control: Pick<Ledger["control"], "stop"> };
  readonly openRestore: (batchId: string) => BatchRestore;
  /** Receives the costs of an ended batch. */
  readonly costs: CostBook;
  /** Returns the limits of a batch with these recipes. */
  readonly limitsOf: (spec: BatchSpec, rounds: readonly Round[]) => BatchLimits;
  /** Current time (epoch ms). */
  readonly now: () => number;
  /**
   * True to also recover batches that another Redis seems to run, at the user's explicit request. Defaults to false.
   */
  readonly thoughItRuns?: boolean;
}

/** Lists the ids of batches with files under a destination. */
export async function batchesUnder(store: ObjectStore): Promise<readonly string[]> {
  const ids: string[] = [];
  let after: string | undefined;
  // Skips the rest of a batch's folder, which may contain thousands of parts.
  for (;;) {
    const next = await firstUnder(store, after);
    if (next === undefined) return ids;
    if (isBatchId(next)) ids.push(next);
    after = `${DARKROOM_FOLDER}/${next}/\u{10ffff}`;
  }
}

async function firstUnder(store: ObjectStore, startAfter: string | undefined): Promise<string | undefined> {
  const prefix = `${DARKROOM_FOLDER}/`;
  for await (const { key } of store.list({ prefix, ...(startAfter === undefined ? {} : { startAfter }) })) {
    return key.slice(prefix.length).split("/")[0];
  }
  return undefined;
}

/**
 * Rebuilds a lost batch in the ledger from the object store: ended portraits from report parts, rejected rows from the
 * snapshot, users' changes from the control file. Open portraits find delivered results by fingerprint and paid ones in
 * the provider's memory (P5). A batch without a snapshot waits for confirmation. Skips a batch that another Redis runs.
 */
export async function recoverBatch(
  dependencies: RecoverDependencies,
  store: ObjectStore,
  batchId: string,
): Promise<Recovered> {
  const { ledger, openRestore } = dependencies;
  const restore = openRestore(batchId);
  const known = await ledger.read(batchId);
  if (known !== undefined) {
    if (known.endedAt === undefined) await restore.list(known.spec);
    return { kind: "known", batchId };
  }
  try {
    const written = await readSpec(store, batchId);
    const { spec, days } = written;
    const control = await readControlFile(store, batchId);
    const isOver = hasEnded(written, control?.rounds ?? []);
    if (isOver) {
      await dependencies.costs.note(spec, days);
      if (!(await isForReview(store, batchId))) return { kind: "ended", batchId };
    }
    checkPlace(store, spec);
    const running = dependencies.thoughItRuns === true ? undefined : await whoRuns(dependencies, store, batchId);
    if (running !== undefined) return { kind: "running", batchId, message: running };
    const limits = dependencies.limitsOf(spec, control?.rounds ?? []);
    const snapshot = await measure(store, batchId);
    const settled = await restoreStates(restore, store, spec, snapshot.total, control?.rounds ?? []);
    const recoveries = await noteRecovery(store, batchId);
    const rebuilt = restoredBatch(spec, control, limits, { ...snapshot, ...settled, recoveries });
    const batch = isOver ? forReview(rebuilt) : rebuilt;
    if (!(await restore.finish(batch))) return { kind: "known", batchId };
    const { stopped } = control ?? {};
    if (stopped !== undefined) {
      await ledger.control.stop(batchId, {
        reason: stopped.reason,
        code: stopped.code,
        endsRunning: stopped.endsRunning,
      });
    }
    const unread = snapshot.parts === 0 ? { unconfirmed: true } : {};
    return { kind: "recovered", batchId, total: snapshot.total, ended: settled.ended, ...unread };
  } catch (error) {
    if (!(error instanceof DarkroomError) || error.retryable) throw error;
    return { kind: "damaged", batchId, message: messageOf(error) };
  }
}

/** True if users have decided about results of an ended batch that was not cleaned up, so its outcomes exist. */
async function isForReview(store: ObjectStore, batchId: string): Promise<boolean> {
  const { reviewsPrefix, reportPrefix } = batchKeys(batchId);
  return (await hasAny(store, reviewsPrefix)) && (await hasAny(store, reportPrefix));
}

async function hasAny(store: ObjectStore, prefix: string): Promise<boolean> {
  for await (const _ of store.list({ prefix })) return true;
  return false;
}

/**
 * Rebuilds an ended batch so that users can continue to decide about its results. If a portrait's outcome is lost, the
 * batch is paused, because the portrait would otherwise be paid for again. Otherwise the batch ends again at once.
 */
function forReview(batch: RestoredBatch): RestoredBatch {
  const reason = "rebuilt for its review; some of its outcomes are lost";
  return { ...batch, state: "paused", fields: { ...batch.fields, pausedBy: "person", reason } };
}

/** Explains why a batch is not recovered if another Redis runs it; undefined otherwise. */
async function whoRuns(
  { ledger, now }: Pick<RecoverDependencies, "ledger" | "now">,
  store: ObjectStore,
  batchId: string,
): Promise<string | undefined> {
  const { running } = batchKeys(batchId);
  const text = await readText(store, running);
  const sign = text === undefined ? undefined : parseRunningSign(text);
  if (sign === undefined) return undefined;
  const agoMs = runsElsewhere(sign, await ledger.marks(), now());
  if (agoMs === undefined) return undefined;
  const until = new Date(sign.at + SIGN_LASTS_MS).toISOString();
  return (
    `another Redis runs it, or did ${Math.round(agoMs / 1_000)} s ago (${running}): here, every portrait that is in flight with the ` +
    `provider would be paid twice. Stop its producers, or cancel it there; from ${until} on it can be recovered, unless it shows activity again`
  );
}

/**
 * Writes a recovery marker to the object store before anything is paid for again. After another loss of Redis, the
 * number of markers shows how many times calls may have been lost.
 *
 * @returns the number of recoveries, including this one
 */
async function noteRecovery(store: ObjectStore, batchId: string): Promise<number> {
  const { recovery, recoveriesPrefix } = batchKeys(batchId);
  await store.put(recovery(Date.now()), Buffer.from("{}"), { contentType: "application/json" });
  let marks = 0;
  for await (const _ of store.list({ prefix: recoveriesPrefix })) marks += 1;
  return Math.max(1, marks);
}

/**
 * Rejects a copy of a batch's folder, because the batch would continue at the original destination, without the files
 * here.
 */
function checkPlace(store: ObjectStore, { id, destination }: BatchSpec): void {
  if (destination.url === store.url) return;
  throw new DarkroomError(
    "internal",
    `the results of batch ${id} go to ${destination.url}, but this is ${store.url}; recover it from there, or first move its files back there`,
  );
}

interface Written {
  readonly spec: BatchSpec;
  /** Absent while the batch has not ended. */
  readonly endedInRound?: number;
  /** When each round up to the end was started (epoch ms). */
  readonly roundsBegunAt: readonly number[];
  /** Costs up to the end of the batch. */
  readonly days: readonly DaySpent[];
}

async function readSpec(store: ObjectStore, batchId: string): Promise<Written> {
  const text = await readText(store, batchKeys(batchId).spec);
  if (text === undefined) throw new DarkroomError("not_found", `there is no batch.json of ${batchId}`);
  const {
    ended,
    rounds = [],
    ...rest
  } = parseBatchFile(batchId, "batch.json", text) as {
    ended?: { round?: number; days?: readonly DaySpent[] };
    rounds?: readonly Pick<Round, "at">[];
  };
  const parsed = batchSpecSchema.safeParse(rest);
  if (!parsed.success || parsed.data.id !== batchId) {
    throw damagedFile(batchId, "batch.json");
  }
  const days = ended?.days ?? [];
  const roundsBegunAt = rounds.map(({ at }) => at);
  return { spec: parsed.data, days, roundsBegunAt, ...(ended === undefined ? {} : { endedInRound: ended.round ?? 0 }) };
}

/** A round that replaced a lost one has the same number and a later start. */
function hasEnded({ endedInRound, roundsBegunAt }: Written, rounds: readonly Round[]): boolean {
  if (endedInRound === undefined || endedInRound < rounds.length) return false;
  return rounds.every(({ at }, place) => (roundsBegunAt[place] ?? at) === at);
}

interface Snapshot {
  readonly parts: number;
  readonly total: number;
  /** A part that is not full is the last one. After a full part, the source is read again. */
  readonly ingested: boolean;
}

async function measure(store: ObjectStore, batchId: string): Promise<Snapshot> {
  let parts = 0;
  for await (const { part } of snapshotFiles(store, batchId)) {
    if (part !== parts) throw missingPart(batchId, parts);
    parts += 1;
  }
  if (parts === 0) return { parts, total: 0, ingested: false };
  const before = (parts - 1) * SNAPSHOT_PART_ROWS;
  const last = (await readSnapshotPart(store, batchId, parts - 1)).length;
  return { parts, total: before + last, ingested: last < SNAPSHOT_PART_ROWS };
}

function missingPart(batchId: string, part: number): DarkroomError {
  return new DarkroomError(
    "internal",
    `snapshot part ${part} of batch ${batchId} is missing; restore it from the bucket's versions, or submit the batch again`,
  );
}

interface Settled {
  readonly ended: number;
  readonly kinds: PriceKinds;
  readonly days: readonly DaySpent[];
  readonly maybeBilled: number;
  readonly reportParts: number;
  /** Round → number of portraits that wait in it after it reopened them. */
  readonly openIn: ReadonlyMap<number, number>;
}

async function restoreStates(
  restore: BatchRestore,
  store: ObjectStore,
  { id: batchId, lane }: BatchSpec,
  total: number,
  rounds: readonly Round[],
): Promise<Settled> {
  return await OutcomeBuckets.use(store, batchId, rounds, async (buckets) => {
    let [bucket, ended, maybeBilled] = [-1, 0, 0];
    const sums = new DaySums(lane);
    const openIn = new Map<number, number>();
    const kinds = new KindCount();
    let outcomes: ReadonlyMap<number, OutcomeLine> = new Map();
    for await (const rows of readSnapshot(store, batchId, total)) {
      const start = rows[0]?.index ?? 0;
      if (bucketOf(start) !== bucket) {
        bucket = bucketOf(start);
        outcomes = await buckets.read(bucket);
        maybeBilled += await buckets.addSpent(bucket, sums);
      }
      const unreported: OutcomeLine[] = [];
      const detailed: OutcomeLine[] = [];
      const reopened = new Map<number, number>();
      const states = rows.map((row): PortraitState => {
        if (!isRejected(row)) kinds.add(row);
        let line = outcomes.get(row.index);
        if (line === undefined && isRejected(row)) {
          line = rejectedLine(row, Date.now());
          unreported.push(line);
        }
        const round = line === undefined ? undefined : reopenedIn(line, rounds);
        if (round !== undefined) {
          reopened.set(row.index, round);
          openIn.set(round, (openIn.get(round) ?? 0) + 1);
        }
        if (line === undefined || round !== undefined) return "pending";
        ended += 1;
        const { state } = OUTCOMES[line.code];
        if (isDetailed(line)) detailed.push(line);
        return state;
      });
      await restore.add(start, states, detailed, reopened);
      await restore.addOutcomes(unreported);
    }
    return { ended, kinds: kinds.counts, days: sums.days, maybeBilled, reportParts: buckets.parts, openIn };
  });
}

/**
 * Returns the first round that reopens a portrait with this outcome. If the portrait had ended in that round, there
 * would be a later line.
 */
function reopenedIn(line: OutcomeLine, rounds: readonly Round[]): number | undefined {
  return rounds.find((round) => opensAgain(round, line))?.number;
}

function restoredBatch(
  spec: BatchSpec,
  control: ControlFile | undefined,
  limits: BatchLimits,
  found: Snapshot & Settled & { readonly recoveries: number },
): RestoredBatch {
  const { confirm: _, pilot: __, ...others } = spec.control ?? {};
  const now: Control = {
    ...others,
    ...(found.parts === 0 || (control?.unconfirmed ?? spec.control?.confirm) === true ? { confirm: true } : {}),
    ...pilotOf(spec, control),
    ...(control?.maxCostUsd === undefined ? {} : { maxCostUsd: control.maxCostUsd }),
  };
  const paused = control?.paused ?? (control?.stopped === undefined ? undefined : { by: "person", reason: "" });
  const rounds = (control?.rounds ?? []).flatMap(({ number, opened, ...round }) => [
    [`round:${number}`, JSON.stringify(round)] as const,
    // The file lacks the number of reopened portraits until all of them were reopened.
    [`opened:${number}`, Math.max(opened, found.openIn.get(number) ?? 0)] as const,
  ]);
  const { parts, total, ingested, kinds, days, maybeBilled, reportParts, recoveries } = found;
  return {
    spec,
    limits,
    control: now,
    state:
      paused !== undefined
        ? "paused"
        : !ingested
          ? "ingesting"
          : now.confirm === true
            ? "awaiting_confirmation"
            : "running",
    parts,
    total,
    ingested,
    kinds,
    days,
    maybeBilled,
    reportParts,
    toRecallUsd: toRecallUsd(spec, control?.rounds ?? [], found),
    fields: {
      recoveries,
      ...Object.fromEntries(rounds),
      ...(rounds.length === 0 ? {} : { round: control?.rounds.length ?? 0 }),
      ...(control?.baseRound === undefined ? {} : { baseRound: control.baseRound }),
      ...(control?.diverted === undefined ? {} : { lane: control.diverted.lane, divertedAt: control.diverted.at }),
      ...(control?.sourceFault === undefined ? {} : { sourceFault: control.sourceFault }),
      ...(control?.sourceNote === undefined ? {} : { sourceNote: control.sourceNote }),
      ...(control === undefined ? {} : { revision: control.revision, storedRevision: control.revision }),
      ...(control?.pilotPicks === undefined ? {} : { pilotPicks: control.pilotPicks.join(",") }),
      ...(paused === undefined ? {} : { pausedBy: paused.by, reason: paused.reason }),
    },
  };
}

/**
 * Returns the maximum cost of a portrait before Redis was lost, which a budget holds until the provider was queried.
 */
function toRecallUsd(
  spec: BatchSpec,
  rounds: readonly Round[],
  { total, ingested, kinds }: Snapshot & Settled,
): number | undefined {
  if (spec.control?.maxCostUsd === undefined || !remembersCalls(spec.recipe.provider)) return undefined;
  const read = ingested ? { total, kinds } : undefined;
  const recipes = [spec.recipe, ...rounds.map(({ recipe }) => recipe)];
  return Math.max(...recipes.map((recipe) => dearestOfBatchUsd(spec, recipe, read) ?? 0));
}

function pilotOf(spec: BatchSpec, control: ControlFile | undefined): { readonly pilot?: number } {
  const pilot = control === undefined ? spec.control?.pilot : control.pilot;
  return pilot === undefined ? {} : { pilot };
}
