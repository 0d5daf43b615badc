import {
  isRejected,
  LeftOutCount,
  newBatchId,
  rowsChoose,
  type BatchSource,
  type PortraitRow,
  type PriceTable,
  type ProviderName,
  type Quote,
  type QuotedBadRow,
  type SnapshotRow,
  type Submission,
} from "@darkroom/core";
import { emptySourceText, readSource } from "@darkroom/manifest";
import {
  checkSubmission,
  sentManifestUrl,
  type CheckedSubmission,
  type SubmissionRules,
  type UploadedManifest,
} from "./check-submission.ts";
import { budgetWarning } from "./budget-warning.ts";
import { controlOf, reserveUsd } from "./control-of.ts";
import { lookAtPhotos, SAMPLED_PHOTOS, type LookInside } from "./look-at-photos.ts";
import { DuplicateCount } from "./duplicate-count.ts";
import { ownResults, resultsUrlOf } from "./own-results.ts";
import { PromptCheck } from "./prompt-check.ts";
import { WorkCount, type LaneLimits } from "./quote-cost.ts";
import { SpreadSample } from "./spread-sample.ts";

export type { LaneLimits } from "./quote-cost.ts";

/** Bad rows that are shown with their reason. */
const MAX_BAD_ROWS = 20;

export interface QuoteDependencies extends SubmissionRules {
  readonly prices: PriceTable;
  /** What a lane may do. */
  readonly laneLimits: (lane: string) => LaneLimits;
  readonly lookInside?: LookInside;
}

/**
 * Says what a submission would come to. Reads its source to the end, in flat memory, and looks at some photos; pays
 * nothing and writes nothing, and an uploaded manifest is not kept.
 *
 * @throws DarkroomError as `acceptBatch` does, and as the batch would fail: when nothing of the source can be read
 */
export async function quoteSubmission(
  submission: Submission,
  dependencies: QuoteDependencies,
  options: { readonly upload?: UploadedManifest; readonly signal?: AbortSignal } = {},
): Promise<Quote> {
  const { openStore, prices, laneLimits, lookInside } = dependencies;
  const { signal } = options;
  const checked = checkSubmission(submission, dependencies, options.upload);
  const { recipe, lane, fallback, destinationUrl, rows } = checked;
  const control = controlOf(submission, new Date(), false, fallback);
  reserveUsd(control, recipe, prices, rows.kind === "sent" || rowsChoose(rows.source));
  const source = sourceOf(checked);
  const tally = new Tally(checked, source);
  const leftOut = new LeftOutCount();
  const notes: string[] = [];
  const stream = readSource({
    source,
    destination: { template: submission.template },
    output: recipe.output,
    openStore,
    foldCase: openStore(destinationUrl).kind === "local",
    leftOut,
    onNote: (note) => notes.push(note),
    leaveOut: ownResults(source, { destination: { url: resultsUrlOf(submission.destination) } }),
    ...(rows.kind === "sent" ? { body: rows.body } : {}),
    ...(signal === undefined ? {} : { signal }),
  });
  for await (const some of stream) {
    signal?.throwIfAborted();
    for (const row of some) tally.add(row);
  }
  const looking = { openStore, source, destinationUrl, recipe, lookInside, signal };
  const sample = await lookAtPhotos(tally.sample.items(), looking);
  const { good, bad } = tally;
  const cost = tally.work.dearestCost(fallback?.provider, prices);
  return {
    provider: recipe.provider,
    lane,
    destination: destinationUrl,
    rows: good + bad,
    goodRows: good,
    badRows: bad,
    firstBadRows: tally.firstBadRows,
    destinationCollisions: tally.collisions,
    duplicates: tally.duplicates.count,
    duplicatesBy: source.kind === "prefix" ? "content" : "source",
    duplicateExamples: tally.duplicates.examples,
    leftOut: leftOut.leftOut,
    emptyReason: source.kind === "prefix" && good + bad === 0 ? emptySourceText(source, leftOut.leftOut) : null,
    sample,
    cost,
    time: tally.work.time(laneLimits(lane)),
    warnings: [
      ...notes,
      ...tally.warnings(),
      ...dearerOf(recipe.provider, fallback?.provider),
      ...budgetWarning(cost, good, submission.maxCostUsd),
    ],
  };
}

function dearerOf(own: ProviderName, fallback: ProviderName | undefined): readonly string[] {
  if (fallback === undefined || fallback === own) return [];
  return [`The fallback may do some of them: the cost is that of the dearer of ${own} and ${fallback}.`];
}

/** The source as the batch would have it; a manifest that was sent along lies nowhere. */
function sourceOf({ rows, destinationUrl }: CheckedSubmission): BatchSource {
  if (rows.kind === "stored") return rows.source;
  const { format, baseUrl } = rows;
  return { kind: "manifest", url: sentManifestUrl(destinationUrl, newBatchId(), format), format, baseUrl };
}

/** Counts the rows of a source as they come. */
class Tally {
  good = 0;
  bad = 0;
  collisions = 0;
  readonly duplicates: DuplicateCount;
  readonly firstBadRows: QuotedBadRow[] = [];
  readonly sample = new SpreadSample<PortraitRow>(SAMPLED_PHOTOS);
  readonly work: WorkCount;
  readonly #prompts: PromptCheck;
  #links = 0;

  constructor({ recipe }: CheckedSubmission, source: BatchSource) {
    this.work = new WorkCount(recipe);
    this.#prompts = new PromptCheck(recipe);
    this.duplicates = new DuplicateCount(source.kind === "prefix");
  }

  add(row: SnapshotRow): void {
    this.duplicates.add(row);
    if (isRejected(row)) {
      const { line = null, field = null, message, repeats } = row.rejected;
      this.bad += 1;
      if (repeats === "destination") this.collisions += 1;
      if (this.firstBadRows.length < MAX_BAD_ROWS) this.firstBadRows.push({ index: row.index, line, field, message });
      return;
    }
    this.good += 1;
    this.work.add(row);
    this.#prompts.add(row);
    if (isLink(row)) this.#links += 1;
    else this.sample.add(row);
  }

  warnings(): readonly string[] {
    return [
      ...this.#prompts.warnings(),
      ...(this.#links === 0 ? [] : [`${this.#links} photos are https:// links. They were not looked at.`]),
    ];
  }
}

function isLink({ source }: PortraitRow): boolean {
  return /^https:/i.test(source);
}
