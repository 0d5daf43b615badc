import {
  type DarkroomError,
  LeftOutCount,
  newBatchId,
  type BatchSource,
  type PriceTable,
  type Quote,
  type Submission,
} from "@darkroom/core";
import { ManifestFaults, readSource } from "@darkroom/manifest";
import { checkSubmission, sentSource, type CheckedSubmission } from "./check-submission.ts";
import { type SubmissionRules, type UploadedManifest } from "./submission-rules.ts";
import { controlOf, checkBudget } from "./control-of.ts";
import type { LookAtFaces } from "./sample-faces.ts";
import type { LookInside } from "./sample-photos.ts";
import { ownResults, resultsUrlOf } from "./own-results.ts";
import type { LaneLimits } from "./quote-cost.ts";
import { refuseOutside } from "./read-work.ts";
import { QuoteCount } from "./quote-count.ts";

export type { LaneLimits } from "./quote-cost.ts";

export interface QuoteDependencies extends SubmissionRules {
  readonly prices: PriceTable;
  /** Returns a lane's limits. */
  readonly laneLimits: (lane: string) => LaneLimits;
  readonly lookInside?: LookInside;
  /** If absent, photos are not searched for faces. */
  readonly lookAtFaces?: LookAtFaces;
  /** True when links into private networks are fetched. Defaults to false. */
  readonly allowPrivateSources?: boolean;
}

/**
 * Quotes a submission. Reads its source to the end in constant memory and samples photos. Pays for nothing, writes
 * nothing and does not store an uploaded manifest.
 *
 * @throws DarkroomError as `acceptBatch` does, and if nothing of the source is readable
 */
export async function quoteSubmission(
  submission: Submission,
  dependencies: QuoteDependencies,
  options: { readonly upload?: UploadedManifest; readonly signal?: AbortSignal } = {},
): Promise<Quote> {
  const { openStore, prices } = dependencies;
  const { signal } = options;
  const checked = checkSubmission(submission, dependencies, options.upload);
  const { recipe, fallback, destinationUrl, rows } = checked;
  const control = controlOf(submission, new Date(), false, fallback);
  checkBudget(control, recipe, prices, rows.kind === "sent" ? { kind: "manifest" } : rows.source);
  const source = sourceOf(checked);
  const count = new QuoteCount({
    ...checked,
    source,
    prices,
    maxCostUsd: submission.maxCostUsd,
    template: submission.template,
    overwrite: submission.overwrite,
    allowPrivateSources: dependencies.allowPrivateSources ?? false,
  });
  const leftOut = new LeftOutCount();
  const notes: string[] = [];
  const faults = new ManifestFaults(source.url);
  const stream = readSource({
    source,
    destination: { template: submission.template },
    output: recipe.output,
    openStore,
    foldCase: openStore(destinationUrl).kind === "local",
    leftOut,
    faults,
    onNote: (note) => notes.push(note),
    leaveOut: ownResults(source, { destination: { url: resultsUrlOf(submission.destination) } }),
    ...(rows.kind === "sent" ? { body: rows.body } : {}),
    ...(signal === undefined ? {} : { signal }),
  });
  for await (const some of stream) {
    signal?.throwIfAborted();
    refuseOutside(some, source.url);
    for (const row of some) count.add(row);
  }
  const quote = await count.quote({ leftOut: leftOut.leftOut, notes }, { ...dependencies, signal });
  if (faults.any) throw refusal(faults, quote);
  return quote;
}

/** Formats the rejection of a manifest with all other findings of the quote. */
function refusal(faults: ManifestFaults, { firstBadRows, badRows, sample }: Quote): DarkroomError {
  const bad = firstBadRows.map(({ line, field, message }) => ({
    ...(line === null ? {} : { line }),
    ...(field === null ? {} : { field }),
    message,
  }));
  const missing = sample.missingExamples.map(({ index, source }) => ({
    message: `row ${index + 1}: the photo ${JSON.stringify(source)} does not exist`,
  }));
  return faults.error([...bad, ...missing], badRows + sample.missing);
}

/** Returns the source that the batch would have. An uploaded manifest has no location. */
function sourceOf({ rows, destinationUrl }: CheckedSubmission): BatchSource {
  return rows.kind === "stored" ? rows.source : sentSource(rows, destinationUrl, newBatchId());
}
