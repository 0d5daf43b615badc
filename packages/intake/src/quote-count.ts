import {
  hostOf,
  isPrivateHost,
  isRejected,
  isTwinLane,
  privateHostText,
  shownSource,
  type BatchSource,
  type Fallback,
  type LeftOut,
  type OpenStore,
  type Overwrite,
  type PortraitRow,
  type PriceTable,
  type ProviderName,
  type Quote,
  type QuotedBadRow,
  type QuotedRefusal,
  type QuoteSample,
  type Recipe,
  type SnapshotRow,
} from "@darkroom/core";
import { CHECKED_ROWS, emptySourceText, HOW_TO_SKIP } from "@darkroom/manifest";
import { budgetWarning } from "./budget-warning.ts";
import { DuplicateCount } from "./duplicate-count.ts";
import { otherRecipeText } from "./other-recipe.ts";
import { sampleFaces, type LookAtFaces } from "./sample-faces.ts";
import { samplePhotos, SAMPLED_PHOTOS, type LookInside } from "./sample-photos.ts";
import { pageLinkOf } from "./page-link.ts";
import { PromptCheck } from "./prompt-check.ts";
import { WorkCount, type LaneLimits } from "./quote-cost.ts";
import { SpreadSample } from "./spread-sample.ts";

/** Limit of bad rows shown with their reason. */
const MAX_BAD_ROWS = 20;
const MAX_EXAMPLES = 10;
/** Limit of carried columns that are named, because every JSONL row may have different ones. */
const MAX_CARRIED_COLUMNS = 50;

/** Information about a batch or submission before its rows are read. */
export interface QuotedWork {
  readonly recipe: Recipe;
  readonly lane: string;
  readonly fallback: Fallback | undefined;
  readonly destinationUrl: string;
  /** The batch's destination template. */
  readonly template: string | undefined;
  readonly source: BatchSource;
  readonly prices: PriceTable;
  readonly maxCostUsd: number | undefined;
  /** The files that the batch may replace; undefined if its submission omits this. */
  readonly overwrite: Overwrite | undefined;
  /** True when links into private networks are fetched. */
  readonly allowPrivateSources: boolean;
}

export interface QuoteReading {
  readonly openStore: OpenStore;
  /** Returns a lane's limits. */
  readonly laneLimits: (lane: string) => LaneLimits;
  readonly lookInside?: LookInside | undefined;
  /** If absent, photos are not searched for faces. */
  readonly lookAtFaces?: LookAtFaces | undefined;
  /** True when links into private networks are fetched. Defaults to false. */
  readonly allowPrivateSources?: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** Findings about a source, apart from its rows. */
export interface SourceSeen {
  readonly leftOut: LeftOut;
  readonly notes: readonly string[];
}

/** Counts rows in constant memory and samples their photos. */
export class QuoteCount {
  readonly #work: QuotedWork;
  #good = 0;
  #bad = 0;
  #collisions = 0;
  readonly #duplicates: DuplicateCount;
  /** Bad rows for which the manifest would be refused. */
  #refusing = 0;
  readonly #firstBadRows: QuotedBadRow[] = [];
  readonly #sample = new SpreadSample<PortraitRow>(SAMPLED_PHOTOS);
  readonly #turns: WorkCount;
  readonly #prompts: PromptCheck;
  readonly #carriedColumns = new Set<string>();
  #links = 0;
  /** Links to web pages that show a photo. */
  #pages = 0;
  #firstPage: string | undefined;
  #privateLinks = 0;
  readonly #firstPrivate: QuotedRefusal[] = [];
  #outside = 0;
  #firstOutside = "";

  constructor(work: QuotedWork) {
    this.#work = work;
    this.#turns = new WorkCount(work.recipe);
    this.#prompts = new PromptCheck(work.recipe);
    this.#duplicates = new DuplicateCount(work.source.kind === "prefix");
  }

  add(row: SnapshotRow): void {
    this.#duplicates.add(row);
    this.#addCarried(row);
    if (isRejected(row)) {
      const { line = null, field = null, message, repeats } = row.rejected;
      this.#bad += 1;
      if (row.index < CHECKED_ROWS) this.#refusing += 1;
      if (repeats === "destination") this.#collisions += 1;
      if (this.#firstBadRows.length < MAX_BAD_ROWS) this.#firstBadRows.push({ index: row.index, line, field, message });
      return;
    }
    this.#good += 1;
    this.#turns.add(row);
    this.#prompts.add(row);
    if (/^https:/i.test(row.source)) this.#addLink(row);
    else {
      this.#sample.add(row);
      this.#addOutside(row);
    }
  }

  #addLink({ index, id, source }: PortraitRow): void {
    const url = URL.parse(source);
    if (this.#work.allowPrivateSources || url === null || !isPrivateHost(url)) {
      this.#links += 1;
      const service = url === null ? undefined : pageLinkOf(url);
      if (service === undefined) return;
      this.#firstPage ??= `${shownSource(source)} (${service})`;
      this.#pages += 1;
      return;
    }
    this.#privateLinks += 1;
    if (this.#firstPrivate.length >= MAX_EXAMPLES) return;
    this.#firstPrivate.push({ index, id, source: shownSource(source), message: privateHostText(hostOf(url)) });
  }

  /** Combines sampled photos with links that will not be fetched because of their address alone. */
  #withPrivateLinks(sample: QuoteSample): QuoteSample {
    if (this.#privateLinks === 0) return sample;
    return {
      ...sample,
      looked: sample.looked + this.#privateLinks,
      refused: sample.refused + this.#privateLinks,
      refusedExamples: [...this.#firstPrivate, ...sample.refusedExamples].slice(0, MAX_EXAMPLES),
    };
  }

  /** A source under the base has already become a key. */
  #addOutside({ source }: PortraitRow): void {
    if (this.#work.source.kind === "prefix" || !/^(?:s3|file):/.test(source)) return;
    if (this.#outside === 0) this.#firstOutside = source;
    this.#outside += 1;
  }

  #addCarried({ carried }: SnapshotRow): void {
    if (carried === undefined) return;
    for (const name of Object.keys(carried)) {
      if (this.#carriedColumns.size < MAX_CARRIED_COLUMNS) this.#carriedColumns.add(name);
    }
  }

  /** Call after the last row. */
  async quote({ leftOut, notes }: SourceSeen, reading: QuoteReading): Promise<Quote> {
    const { recipe, lane, fallback, destinationUrl, template, source, prices, maxCostUsd, overwrite } = this.#work;
    const looks = { ...reading, source, destinationUrl, template, recipe, lane, overwrite };
    const sampled = this.#sample.items();
    const { lookAtFaces } = reading;
    const looksAtFaces = lookAtFaces !== undefined && recipe.faces !== "off";
    const found = await samplePhotos(sampled, looks);
    const faces = looksAtFaces ? await sampleFaces(sampled, { ...reading, source, lookAtFaces }) : null;
    const sample = this.#withPrivateLinks({ ...found, faces });
    const good = this.#good;
    const rows = good + this.#bad;
    const cost = this.#turns.dearestCost(fallback?.provider, prices);
    return {
      provider: recipe.provider,
      lane,
      destination: destinationUrl,
      rows,
      goodRows: good,
      badRows: this.#bad,
      firstBadRows: this.#firstBadRows,
      destinationCollisions: this.#collisions,
      duplicates: this.#duplicates.count,
      duplicatesBy: source.kind === "prefix" ? "content" : "source",
      duplicateExamples: this.#duplicates.examples,
      carriedColumns: [...this.#carriedColumns],
      leftOut,
      emptyReason: source.kind === "prefix" && rows === 0 ? emptySourceText(source, leftOut) : null,
      sample,
      cost,
      time: this.#turns.time(reading.laneLimits(lane)),
      warnings: [
        ...notes,
        ...this.#prompts.warnings(),
        ...(this.#links === 0 ? [] : [linksNote(this.#links)]),
        ...(this.#firstPage === undefined ? [] : [pagesNote(this.#pages, this.#firstPage)]),
        ...outsideOf(source, this.#outside, this.#firstOutside),
        ...dearerOf(recipe.provider, fallback?.provider),
        ...budgetWarning(cost, good, maxCostUsd),
      ],
      refusal: this.#refusal(sample),
    };
  }

  #refusal({ looked, otherRecipe: found }: QuoteSample): string | null {
    const { source, lane, overwrite } = this.#work;
    const isRefused = source.kind === "manifest" && source.skipBadRows !== true && this.#refusing > 0;
    const reasons = [
      ...(isRefused ? [badRowsRefusal(this.#refusing)] : []),
      ...(found.results > 0 && overwrite === undefined
        ? [otherRecipeText({ found, looked, simulated: isTwinLane(lane) })]
        : []),
    ];
    return reasons.length === 0 ? null : reasons.join(" ");
  }
}

function badRowsRefusal(count: number): string {
  const rows = count === 1 ? "1 bad row" : `${count} bad rows`;
  return `The manifest has ${rows}. ${HOW_TO_SKIP}`;
}

function outsideOf(source: BatchSource, rows: number, first: string): readonly string[] {
  if (source.kind === "prefix" || source.baseUrl === undefined || rows === 0) return [];
  const what = rows === 1 ? "1 row names a photo" : `${rows} rows name photos`;
  return [`${what} outside of the base ${source.baseUrl}. The first is ${first}.`];
}

function dearerOf(own: ProviderName, fallback: ProviderName | undefined): readonly string[] {
  if (fallback === undefined || fallback === own) return [];
  return [`The fallback may process some portraits, so the cost is the higher of ${own} and ${fallback}.`];
}

function linksNote(count: number): string {
  return count === 1
    ? "1 photo is an https:// link. It was not checked."
    : `${count} photos are https:// links. They were not checked.`;
}

function pagesNote(count: number, first: string): string {
  const what =
    count === 1 ? "1 link seems to lead to a page that shows" : `${count} links seem to lead to pages that show`;
  return `${what} a photo, and not to the photo itself: ${first}. Use links that download the photo, or download the photos.`;
}
