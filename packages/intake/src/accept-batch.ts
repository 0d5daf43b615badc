import { Readable } from "node:stream";
import {
  batchKeys,
  DarkroomError,
  newBatchId,
  renderTemplate,
  resolveRecipe,
  safeKey,
  type BatchSource,
  type Breaker,
  type BatchSpec,
  type OpenStore,
  type PriceTable,
  type ProviderName,
  type Submission,
} from "@darkroom/core";
import type { Bus, Ledger } from "@darkroom/ledger";
import { splitObjectUrl, toStoreUrl } from "@darkroom/storage";
import { controlOf, reserveUsd } from "./control-of.ts";

export interface IntakeDependencies {
  readonly ledger: Ledger;
  readonly bus: Bus;
  readonly openStore: OpenStore;
  /** The lane of each provider that this deployment can call; a recipe for another is refused here and not an hour later. */
  readonly lanes: LaneNames;
  /** What a budget is kept with. */
  readonly prices: PriceTable;
  /** The failure breaker of batches that name none; false for none. */
  readonly breaker: Breaker | false;
}

export type LaneNames = Readonly<Partial<Record<ProviderName, string>>>;

/** A manifest that came with the submission instead of lying in a store. */
export interface UploadedManifest {
  readonly format: "csv" | "jsonl";
  readonly body: Readable;
}

const MANIFEST = /\.(csv|tsv|jsonl|ndjson)(\.gz)?$/i;

/** The kind of manifest that a file name tells, or undefined for a prefix. */
export function manifestFormat(name: string): "csv" | "jsonl" | undefined {
  const kind = MANIFEST.exec(name)?.[1]?.toLowerCase();
  return kind === undefined ? undefined : kind === "csv" || kind === "tsv" ? "csv" : "jsonl";
}

export interface AcceptOptions {
  readonly upload?: UploadedManifest;
  readonly schedule?: BatchSpec["schedule"];
  readonly now?: Date;
  /** Told the id just before the batch exists; what it throws keeps the batch from existing. */
  readonly beforeCreate?: (batchId: string) => Promise<void>;
}

/**
 * Accepts a submission: from here on nothing of it is lost. Uploaded and inline rows are first put into the object
 * store as a manifest, then `batch.json`, then the ledger's entry; a crash in between leaves files and no batch, and the
 * submitter an error.
 *
 * @throws DarkroomError `invalid_input` with the field at fault; storage errors as they are
 */
export async function acceptBatch(
  submission: Submission,
  dependencies: IntakeDependencies,
  options: AcceptOptions = {},
): Promise<BatchSpec> {
  const { openStore, lanes, ledger, bus, prices, breaker } = dependencies;
  const now = options.now ?? new Date();
  const id = newBatchId();
  const recipe = resolveRecipe(submission.recipe);
  const lane = lanes[recipe.provider];
  if (lane === undefined) {
    throw new DarkroomError(
      "invalid_input",
      `The provider "${recipe.provider}" is not set up here (there is: ${Object.keys(lanes).join(", ") || "none"}). Set its API key, or choose another.`,
      { field: "recipe.provider" },
    );
  }
  if (submission.lane !== undefined && submission.lane !== lane) {
    throw new DarkroomError(
      "invalid_input",
      `There is no lane "${submission.lane}" for ${recipe.provider}; there is "${lane}".`,
      {
        field: "lane",
      },
    );
  }
  const control = controlOf(submission, now);
  const reserve = reserveUsd(control, recipe, prices);
  if (submission.template !== undefined) checkTemplate(submission.template);
  const destinationUrl = storeUrl(submission.destination, "destination");
  const destination = openStore(destinationUrl);
  const keys = batchKeys(id);
  const given = [submission.source, submission.rows, options.upload].filter((part) => part !== undefined).length;
  if (given !== 1) {
    throw new DarkroomError("invalid_input", "Give exactly one of source, rows or an uploaded manifest.", {
      field: "source",
    });
  }
  let source: BatchSource;
  if (submission.source === undefined) {
    const format = options.upload?.format ?? "jsonl";
    const body = options.upload?.body ?? Readable.from(jsonLines(submission.rows ?? []));
    const baseUrl = submission.baseUrl === undefined ? destinationUrl : storeUrl(submission.baseUrl, "baseUrl");
    openStore(baseUrl);
    await destination.put(keys.manifest(format), body, {
      contentType: format === "csv" ? "text/csv" : "application/jsonl",
    });
    source = { kind: "manifest", url: new URL(keys.manifest(format), asBase(destinationUrl)).href, format, baseUrl };
  } else {
    source = describeSource(submission.source, submission);
    openStore(source.kind === "prefix" ? source.url : source.baseUrl);
  }
  if (source.kind === "prefix" && source.url === destinationUrl) {
    throw new DarkroomError(
      "invalid_input",
      "Source and destination are the same: the results would take the place of the photos. Name another destination, for instance a folder within it.",
      { field: "destination" },
    );
  }
  const spec: BatchSpec = {
    id,
    ...(submission.name === undefined ? {} : { name: submission.name }),
    createdAt: now.toISOString(),
    source,
    destination: {
      url: destinationUrl,
      ...(submission.template === undefined ? {} : { template: submission.template }),
    },
    recipe,
    lane,
    ...(control === undefined ? {} : { control }),
    ...(options.schedule === undefined ? {} : { schedule: options.schedule }),
  };
  await destination.put(keys.spec, Buffer.from(`${JSON.stringify(spec, undefined, 2)}\n`), {
    contentType: "application/json",
  });
  await options.beforeCreate?.(id);
  await ledger.create(spec, { breaker, ...(reserve === undefined ? {} : { reserveUsd: reserve }) });
  await bus.tell({ type: "batch-created", batch: id });
  return spec;
}

function* jsonLines(rows: readonly unknown[]): Generator<string> {
  for (const row of rows) yield `${JSON.stringify(row)}\n`;
}

function asBase(url: string): string {
  return url.endsWith("/") ? url : `${url}/`;
}

function describeSource(url: string, submission: Submission): BatchSource {
  const format = manifestFormat(url);
  if (format === undefined) {
    return {
      kind: "prefix",
      url: storeUrl(url, "source"),
      ...(submission.include === undefined ? {} : { include: submission.include }),
      ...(submission.exclude === undefined ? {} : { exclude: submission.exclude }),
    };
  }
  if (submission.include !== undefined || submission.exclude !== undefined) {
    throw new DarkroomError(
      "invalid_input",
      "include and exclude go with a prefix; a manifest names its rows itself.",
      {
        field: submission.include === undefined ? "exclude" : "include",
      },
    );
  }
  const { storeUrl: folder } = splitObjectUrl(url);
  return {
    kind: "manifest",
    url,
    format,
    baseUrl: submission.baseUrl === undefined ? folder : storeUrl(submission.baseUrl, "baseUrl"),
  };
}

/** Only whole URLs come here: what a relative path is relative to, only the person at the terminal knows. */
function storeUrl(url: string, field: string): string {
  if (!/^(s3|file):\/\//i.test(url)) {
    throw new DarkroomError("invalid_input", `${field} must be an s3:// or file:// URL, not "${url}".`, { field });
  }
  return toStoreUrl(url, "/");
}

/** A template that can never give a safe key is refused before the first row. */
function checkTemplate(template: string): void {
  const names = [...template.matchAll(/\{([^{}]*)\}/g)].map((match) => match[1] ?? "");
  safeKey(renderTemplate(template, Object.fromEntries(names.map((name) => [name, "x"]))));
}
