import { Readable } from "node:stream";
import {
  batchKeys,
  checkAll,
  checkDestinationPlaceholders,
  DARKROOM_FOLDER,
  DarkroomError,
  isDarkroomError,
  placeholdersOf,
  renderTemplate,
  resolveRecipe,
  safeKey,
  type BatchSource,
  type Fallback,
  type OpenStore,
  type ProviderName,
  type Recipe,
  type Submission,
} from "@darkroom/core";
import { isSameStore, joinUrl } from "@darkroom/storage";
import { allowedSources } from "./allowed-sources.ts";
import { checkBounds } from "./check-bounds.ts";
import { fallbackOf } from "./fallback-of.ts";
import { describeSource } from "./describe-source.ts";
import { wholeStoreUrl } from "./whole-store-url.ts";
import type { LaneNames, SubmissionRules, SubmittedRows, UploadedManifest } from "./submission-rules.ts";

/** A valid submission with its defaults. */
export interface CheckedSubmission {
  readonly recipe: Recipe;
  readonly lane: string;
  readonly fallback: Fallback | undefined;
  readonly destinationUrl: string;
  readonly rows: SubmittedRows;
}

/**
 * Checks everything about a submission except its rows. Writes nothing.
 *
 * @throws DarkroomError `invalid_input` with the invalid field, `storage_denied`, `forbidden` outside of the
 *   submitter's bounds
 */
export function checkSubmission(
  submission: Submission,
  rules: SubmissionRules,
  upload?: UploadedManifest,
): CheckedSubmission {
  const checked = checkParts(submission, rules, upload);
  const { bounds } = rules;
  if (bounds === undefined) return checked;
  checkBounds(checked, bounds);
  return bounds.sources === "any" ? checked : { ...checked, rows: withinKey(checked.rows, bounds.sources) };
}

/**
 * Returns the rows with the prefixes that the submitter's key may read, for a manifest. A prefix source is checked as a
 * whole instead.
 */
function withinKey(rows: SubmittedRows, within: readonly string[]): SubmittedRows {
  if (rows.kind === "sent") return { ...rows, within };
  return rows.source.kind === "prefix" ? rows : { kind: "stored", source: { ...rows.source, within: [...within] } };
}

function checkParts(submission: Submission, rules: SubmissionRules, upload?: UploadedManifest): CheckedSubmission {
  const { openStore, lanes, laneProviders } = rules;
  const [{ recipe, lane, fallback }, destinationUrl, source] = checkAll([
    () => {
      const recipe = resolveRecipe(submission.recipe);
      const lane = laneOf(submission, recipe, lanes, laneProviders);
      const known = laneProviders === undefined ? {} : { laneProviders };
      return { recipe, lane, fallback: fallbackOf(submission, recipe, lane, { lanes, ...known }) };
    },
    () => destinationUrlOf(submission.destination, openStore),
    () => sourceOf(submission, rules, upload),
    () => {
      if (submission.template !== undefined) checkTemplate(submission.template);
    },
  ]);
  if (source.kind === "stored" && source.source.kind === "prefix" && isSameStore(source.source.url, destinationUrl)) {
    throw new DarkroomError(
      "invalid_input",
      "Source and destination are the same: the results would replace the photos. Name another destination, for instance a folder within it.",
      { field: "destination" },
    );
  }
  return { recipe, lane, fallback, destinationUrl, rows: source };
}

/** Returns where a submission's rows come from. */
function sourceOf(
  submission: Submission,
  { openStore, manifestSources }: SubmissionRules,
  upload?: UploadedManifest,
): SubmittedRows {
  const given = [submission.source, submission.rows, upload].filter((part) => part !== undefined).length;
  if (given !== 1) {
    throw new DarkroomError("invalid_input", "Give exactly one of source, rows or an uploaded manifest.", {
      field: "source",
    });
  }
  if (submission.source === undefined) {
    const baseUrl = submission.baseUrl === undefined ? undefined : wholeStoreUrl(submission.baseUrl, "baseUrl");
    if (baseUrl !== undefined) tryOpening("baseUrl", () => openStore(baseUrl));
    const { format, body } = upload ?? { format: "jsonl", body: Readable.from(jsonLines(submission.rows ?? [])) };
    return {
      kind: "sent",
      format,
      body,
      ...(baseUrl === undefined ? {} : { baseUrl }),
      ...allowedSources(manifestSources, submission.manifestSources),
      ...(submission.carry === undefined ? {} : { carry: submission.carry }),
      ...(submission.skipBadRows === true ? { skipBadRows: true } : {}),
    };
  }
  const source = describeSource(submission.source, submission, manifestSources);
  const photosUrl = source.kind === "prefix" ? source.url : source.baseUrl;
  if (photosUrl !== undefined) {
    const field = source.kind === "manifest" && submission.baseUrl !== undefined ? "baseUrl" : "source";
    tryOpening(field, () => openStore(photosUrl));
  }
  return { kind: "stored", source };
}

/**
 * Checks a place to which a batch's results, or final copies of them, are to be written.
 *
 * @returns its URL in the form of storage's `parseStoreUrl`
 * @throws DarkroomError `invalid_input`, or `storage_denied`
 */
export function destinationUrlOf(given: string, openStore: OpenStore): string {
  const url = wholeStoreUrl(given, "destination");
  checkDestinationPlaceholders(url, { isScheduled: false });
  checkDestination(url);
  tryOpening("destination", () => openStore(url));
  return url;
}

/** Darkroom's own folder contains the files of batches, so results must not be stored there. */
function checkDestination(url: string): void {
  if (!new URL(url).pathname.split("/").includes(DARKROOM_FOLDER)) return;
  throw new DarkroomError(
    "invalid_input",
    `The destination is in a folder ${DARKROOM_FOLDER}, where Darkroom keeps its own files; name another one.`,
    { field: "destination" },
  );
}

/** Adds the field to the error of a store that may not be used. */
function tryOpening(field: string, open: () => unknown): void {
  try {
    open();
  } catch (error) {
    if (!(error instanceof DarkroomError)) throw error;
    throw new DarkroomError(error.code, error.message, { field, cause: error });
  }
}

/** Returns the source of an uploaded manifest, which is stored at the destination. */
export function sentSource(
  { format, baseUrl, carry, skipBadRows, manifestSources, within }: Extract<SubmittedRows, { kind: "sent" }>,
  destinationUrl: string,
  batchId: string,
): BatchSource {
  const url = joinUrl(destinationUrl, batchKeys(batchId).manifest(format));
  return {
    kind: "manifest",
    url,
    format,
    ...(baseUrl === undefined ? {} : { baseUrl }),
    ...(manifestSources === undefined ? {} : { manifestSources }),
    ...(within === undefined ? {} : { within: [...within] }),
    ...(carry === undefined ? {} : { carry: [...carry] }),
    ...(skipBadRows === undefined ? {} : { skipBadRows }),
  };
}

function laneOf(
  submission: Submission,
  recipe: Recipe,
  lanes: LaneNames,
  laneProviders: Readonly<Record<string, ProviderName>> = {},
): string {
  const lane = lanes[recipe.provider];
  if (lane === undefined) {
    throw new DarkroomError(
      "invalid_input",
      `The provider "${recipe.provider}" is not set up here (available: ${Object.keys(lanes).join(", ") || "none"}). Set its API key, or choose another.`,
      { field: "recipe.provider" },
    );
  }
  if (submission.lane === undefined || submission.lane === lane) return lane;
  if (Object.hasOwn(laneProviders, submission.lane) && laneProviders[submission.lane] === recipe.provider) {
    return submission.lane;
  }
  const others = Object.keys(laneProviders).filter((name) => laneProviders[name] === recipe.provider);
  const names = [...new Set([lane, ...others])].map((name) => `"${name}"`).join(", ");
  throw new DarkroomError(
    "invalid_input",
    `There is no lane "${submission.lane}" for ${recipe.provider}; available: ${names}.`,
    { field: "lane" },
  );
}

function* jsonLines(rows: readonly unknown[]): Generator<Buffer> {
  for (const row of rows) yield Buffer.from(`${JSON.stringify(row)}\n`);
}

/** Rejects a template that can never produce a safe key, before the first row. */
export function checkTemplate(template: string): void {
  const someValues = Object.fromEntries(placeholdersOf(template).map((name) => [name, "x"]));
  try {
    safeKey(renderTemplate(template, someValues));
  } catch (error) {
    if (!isDarkroomError(error, "invalid_input")) throw error;
    throw new DarkroomError("invalid_input", error.message, { field: "template", cause: error });
  }
}
