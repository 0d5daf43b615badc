import {
  BATCH_FORMAT,
  batchKeys,
  DarkroomError,
  isDarkroomError,
  newBatchId,
  pricesOfBatch,
  type BatchSource,
  type BatchSpec,
  type Breaker,
  type ObjectStore,
  type OpenStore,
  type PriceTable,
  type ProcessMeans,
  type Submission,
} from "@darkroom/core";
import type { Bus, Ledger } from "@darkroom/ledger";
import { beginSource } from "@darkroom/manifest";
import { checkSubmission, sentSource, type SubmissionRules, type UploadedManifest } from "./check-submission.ts";
import { controlOf, checkBudget } from "./control-of.ts";
import { needsOf } from "./needs-of.ts";
import { destinationOf } from "./order-of.ts";
import { ownResults } from "./own-results.ts";

export interface IntakeDependencies extends SubmissionRules {
  readonly ledger: Ledger;
  readonly bus: Bus;
  /** What the batch is paid by; it keeps what it needs of them. */
  readonly prices: PriceTable;
  /** The failure breaker of batches that name none; false for none. */
  readonly breaker: Breaker | false;
  /** What whoever accepts the batch has: a process that lacks what the batch needs of it leaves the batch alone. */
  readonly means?: ProcessMeans;
}

export interface AcceptOptions {
  /** The batch's id, where it was told to somebody before; a new one otherwise. */
  readonly id?: string;
  readonly upload?: UploadedManifest;
  readonly schedule?: BatchSpec["schedule"];
  /** Whether the beginning of the source is read first, so that one of which nothing can be read is no batch. Defaults to false. */
  readonly looksFirst?: boolean;
  readonly now?: Date;
  /** Told the id just before the batch exists; what it throws keeps the batch from existing. */
  readonly beforeCreate?: (batchId: string) => Promise<void>;
}

/**
 * Accepts a submission: from here on nothing of it is lost. Uploaded and inline rows are first put into the object
 * store as a manifest, then `batch.json`, then the ledger's entry. What is refused after that takes its files along; a
 * crash in between leaves them and no batch, and the submitter an error. What fails once the batch is there undoes nothing.
 *
 * @throws DarkroomError `invalid_input` with the field at fault; storage errors as they are
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
    source,
    destination: destinationOf(submission, destinationUrl),
    recipe,
    lane,
    prices: pricesOfBatch(recipe, fallback?.provider, prices),
    ...(control === undefined ? {} : { control }),
    ...(options.schedule === undefined ? {} : { schedule: options.schedule }),
  };
  const spec = means === undefined ? given : { ...given, needs: needsOf(given, means) };
  if (options.looksFirst === true) {
    await lookAtSource(spec, openStore).catch(async (error: unknown) => {
      if (rows.kind !== "stored") await destination.delete(keys.manifest(rows.format)).catch(() => undefined);
      throw error;
    });
  }
  await destination.put(keys.spec, Buffer.from(`${JSON.stringify(spec, undefined, 2)}\n`), {
    contentType: "application/json",
  });
  try {
    await options.beforeCreate?.(id);
    const limits = { breaker };
    // Not made, and not there from a command that was sent twice: it was forbidden meanwhile.
    if (!(await ledger.create(spec, limits)) && (await ledger.read(id)) === undefined) {
      throw new DarkroomError("conflict", `batch ${id} was not made: it was given up while it was being accepted`);
    }
    await bus.tell({ type: "batch-created", batch: id });
  } catch (error) {
    if (!(await isAccepted(ledger, id, error))) {
      await leaveNothing(ledger, destination, id, rows.kind === "stored" ? [] : [keys.manifest(rows.format)]);
      throw error;
    }
  }
  return spec;
}

/** Nobody waits longer to hear that a source is no good: the batch says so later. */
const LOOK_MS = 3_000;

/**
 * Refuses a source that would fail as a whole: whoever submits it is still there to mend it. What cannot be known now
 * (the store is away, or opens to producers alone) is no reason to refuse it.
 */
async function lookAtSource(spec: BatchSpec, openStore: OpenStore): Promise<void> {
  const { source, destination, recipe } = spec;
  const leaveOut = ownResults(source, spec);
  const signal = AbortSignal.timeout(LOOK_MS);
  try {
    await beginSource({ source, destination, output: recipe.output, openStore, leaveOut, signal });
  } catch (error) {
    if (!isDarkroomError(error, "invalid_input") && !isDarkroomError(error, "storage_not_found")) return;
    throw new DarkroomError(error.code, error.message, { field: error.field ?? "source", cause: error });
  }
}

/** @throws the given error where the ledger cannot be asked */
async function isAccepted(ledger: Ledger, batchId: string, error: unknown): Promise<boolean> {
  try {
    return (await ledger.read(batchId)) !== undefined;
  } catch {
    throw error;
  }
}

/** Takes away what a refused submission has written, as far as that can be done: no recovery is to find a batch there. */
async function leaveNothing(
  ledger: Ledger,
  destination: ObjectStore,
  batchId: string,
  manifests: readonly string[],
): Promise<void> {
  const files = [batchKeys(batchId).spec, ...manifests];
  await Promise.allSettled([...files.map((key) => destination.delete(key)), ledger.retire(batchId)]);
}
