import {
  BATCH_FORMAT,
  batchKeys,
  dearestPortraitPriceUsd,
  possibleKinds,
  DarkroomError,
  isDarkroomError,
  isRejected,
  newBatchId,
  pricesOfBatch,
  tenantField,
  type BatchSource,
  type BatchSpec,
  type Breaker,
  type ErrorCode,
  type ObjectStore,
  type OpenStore,
  type PriceTable,
  type ProcessMeans,
  type Submission,
} from "@darkroom/core";
import type { Bus, Ledger } from "@darkroom/ledger";
import { beginSource } from "@darkroom/manifest";
import { checkSubmission, sentSource } from "./check-submission.ts";
import { type SubmissionRules, type UploadedManifest } from "./submission-rules.ts";
import { controlOf, checkBudget } from "./control-of.ts";
import { needsOf } from "./needs-of.ts";
import { destinationOf } from "./order-of.ts";
import { refuseOtherRecipe } from "./other-recipe.ts";
import { readWork } from "./read-work.ts";
import { ownResults } from "./own-results.ts";

export interface IntakeDependencies extends SubmissionRules {
  readonly ledger: Ledger;
  readonly bus: Bus;
  /** The configured prices. The batch stores the prices that it needs. */
  readonly prices: PriceTable;
  /** Failure breaker for batches that set none; false for none. */
  readonly breaker: Breaker | false;
  /** The capabilities of the accepting process. A process that lacks a requirement of the batch skips the batch. */
  readonly means?: ProcessMeans;
}

/** Reserves a batch's rows and money before it is accepted. */
export interface Reserve {
  /** True if money is limited. The batch's budget is then the reserved amount. */
  readonly limitsUsd: boolean;
  /**
   * @param usd the batch's budget, if money is limited
   * @returns a function that releases the reservation
   * @throws DarkroomError `limit_reached`
   */
  take(work: { readonly rows: number; readonly usd: number }): Promise<() => Promise<void>>;
}

export interface AcceptOptions {
  /** The batch's id, if promised earlier. Defaults to a new id. */
  readonly id?: string;
  readonly upload?: UploadedManifest;
  /** The batch's tenant. Defaults to the default tenant. */
  readonly tenant?: string | undefined;
  readonly schedule?: BatchSpec["schedule"];
  /** Reserves the batch's rows and money from its submitter's daily limits. */
  readonly reserve?: Reserve | undefined;
  /** True to read the start of the source first and reject an unreadable one. Defaults to false. */
  readonly looksFirst?: boolean;
  readonly now?: Date;
  /** Called with the id just before the batch is created. An error prevents the creation. */
  readonly beforeCreate?: (batchId: string) => Promise<void>;
}

/**
 * Accepts a submission durably: uploaded rows as a manifest in the object store, then `batch.json`, then the ledger
 * entry. If the submission is refused later, deletes the files. A crash between these steps leaves files without a
 * batch, and the user gets an error. Errors after the creation undo nothing.
 *
 * @throws DarkroomError `invalid_input` with the invalid field; storage errors unchanged
 */
export async function acceptBatch(
  submission: Submission,
  dependencies: IntakeDependencies,
  options: AcceptOptions = {},
): Promise<BatchSpec> {
  const { openStore, ledger, bus, prices, breaker, means } = dependencies;
  const now = options.now ?? new Date();
  const { recipe, lane, fallback, destinationUrl, rows } = checkSubmission(submission, dependencies, options.upload);
  const control = controlOf(submission, now, breaker, fallback);
  checkBudget(control, recipe, prices, rows.kind === "sent" ? { kind: "manifest" } : rows.source);
  const id = options.id ?? newBatchId();
  const destination = openStore(destinationUrl);
  const keys = batchKeys(id);
  let source: BatchSource;
  if (rows.kind === "stored") source = rows.source;
  else {
    const { format, body } = rows;
    await destination.put(keys.manifest(format), body, {
      contentType: format === "csv" ? "text/csv" : "application/jsonl",
    });
    source = sentSource(rows, destinationUrl, id);
  }
  const given: BatchSpec = {
    format: BATCH_FORMAT,
    id,
    ...(submission.name === undefined ? {} : { name: submission.name }),
    createdAt: now.toISOString(),
    ...tenantField(options.tenant),
    source,
    destination: destinationOf(submission, destinationUrl),
    recipe,
    lane,
    prices: pricesOfBatch(recipe, fallback?.provider, prices),
    ...(control === undefined ? {} : { control }),
    ...(options.schedule === undefined ? {} : { schedule: options.schedule }),
  };
  const needing = means === undefined ? given : { ...given, needs: needsOf(given, means) };
  const leaveNoManifest = async (): Promise<void> => {
    if (rows.kind !== "stored") await destination.delete(keys.manifest(rows.format)).catch(() => undefined);
  };
  const { spec, giveBack } = await withReservation(needing, openStore, options.reserve).catch(
    async (error: unknown) => {
      await leaveNoManifest();
      throw error;
    },
  );
  if (options.looksFirst === true) {
    await lookAtSource(spec, openStore).catch(async (error: unknown) => {
      await Promise.all([leaveNoManifest(), giveBack()]);
      throw error;
    });
  }
  await destination.put(keys.spec, Buffer.from(`${JSON.stringify(spec, undefined, 2)}\n`), {
    contentType: "application/json",
  });
  try {
    await options.beforeCreate?.(id);
    const limits = { breaker };
    // The batch was not created, neither now nor by an earlier copy of the same command, because the id was withdrawn
    // in the meantime.
    if (!(await ledger.create(spec, limits)) && (await ledger.read(id)) === undefined) {
      throw new DarkroomError(
        "conflict",
        `batch ${id} was not created: its submission was withdrawn while it was being accepted`,
      );
    }
    await bus.tell({ type: "batch-created", batch: id });
  } catch (error) {
    if (!(await isAccepted(ledger, id, error))) {
      await giveBack();
      await leaveNothing(ledger, destination, id, rows.kind === "stored" ? [] : [keys.manifest(rows.format)]);
      throw error;
    }
  }
  return spec;
}

interface Reserved {
  readonly spec: BatchSpec;
  readonly giveBack: () => Promise<void>;
}

/**
 * Reads all rows if the submitter's limits depend on them, and reserves the batch's rows and money. If money is
 * limited, the batch gets the reserved amount as its budget, so that later changes of the source cannot increase the
 * cost.
 *
 * @throws DarkroomError `forbidden` for a row that the submitter's key may not read, `limit_reached`
 */
async function withReservation(spec: BatchSpec, openStore: OpenStore, reserve?: Reserve): Promise<Reserved> {
  const isBounded = spec.source.kind === "manifest" && spec.source.within !== undefined;
  if (!isBounded && reserve === undefined) return { spec, giveBack: async () => undefined };
  const work = await readWork(spec, openStore);
  if (reserve === undefined) return { spec, giveBack: async () => undefined };
  if (!reserve.limitsUsd) return { spec, giveBack: await reserve.take({ rows: work.rows, usd: 0 }) };
  const maxCostUsd = spec.control?.maxCostUsd ?? work.usd;
  const { recipe, control, prices } = spec;
  const dearest = dearestPortraitPriceUsd(recipe, control?.fallback?.provider, prices, possibleKinds(spec));
  if (maxCostUsd === null || dearest === undefined) {
    const message =
      "usdPerDay: this key's money is limited by the day, and there is no price for this recipe (of a manifest, every mode that a row may choose needs one). Ask the operator to set DARKROOM_PRICES.";
    throw new DarkroomError("forbidden", message, { field: "recipe" });
  }
  const giveBack = await reserve.take({ rows: work.rows, usd: maxCostUsd });
  // Free work gets no budget, because no budget could be enforced.
  if (maxCostUsd === 0) return { spec, giveBack };
  return { spec: { ...spec, control: { ...control, maxCostUsd } }, giveBack };
}

/** Maximum time for the first read of the source. The batch reports later errors. */
const LOOK_MS = 3_000;

/**
 * Rejects a source that would fail as a whole, while its user can still fix it. Ignores problems that cannot be
 * determined now, because the store is down or only producers have access.
 */
async function lookAtSource(spec: BatchSpec, openStore: OpenStore): Promise<void> {
  const { source, destination, recipe } = spec;
  const leaveOut = ownResults(source, spec);
  const signal = AbortSignal.timeout(LOOK_MS);
  const foldCase = openStore(destination.url).kind === "local";
  try {
    const rows = await beginSource({
      source,
      destination,
      output: recipe.output,
      openStore,
      foldCase,
      leaveOut,
      signal,
    });
    const good = rows.flatMap((row) => (isRejected(row) ? [] : [row]));
    await refuseOtherRecipe(spec, good, openStore, signal);
  } catch (error) {
    if (!isDarkroomError(error) || !REFUSING.includes(error.code)) return;
    const { code, message, field = "source", faults } = error;
    throw new DarkroomError(code, message, { field, faults, cause: error });
  }
}

/** Errors at the start of a source that the submitter must fix. The batch itself reports all others. */
const REFUSING: readonly ErrorCode[] = ["invalid_input", "conflict", "storage_not_found"];

/** @throws the given error when the ledger cannot be read */
async function isAccepted(ledger: Ledger, batchId: string, error: unknown): Promise<boolean> {
  try {
    return (await ledger.read(batchId)) !== undefined;
  } catch {
    throw error;
  }
}

/** Tries to delete the files of a rejected submission, so that no recovery finds a batch there. */
async function leaveNothing(
  ledger: Ledger,
  destination: ObjectStore,
  batchId: string,
  manifests: readonly string[],
): Promise<void> {
  const files = [batchKeys(batchId).spec, ...manifests];
  await Promise.allSettled([...files.map((key) => destination.delete(key)), ledger.retire(batchId)]);
}
