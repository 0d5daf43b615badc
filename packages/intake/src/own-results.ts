import { fileURLToPath } from "node:url";
import {
  DATE_PLACEHOLDER,
  DarkroomError,
  datedDestination,
  type BatchSource,
  type BatchSpec,
  type Submission,
} from "@darkroom/core";
import { describeSource } from "./describe-source.ts";
import { wholeStoreUrl } from "./whole-store-url.ts";

/** A placeholder for any day. */
const SOME_DAY = "0000-00-00";
const DAY = /^\d{4}-\d{2}-\d{2}/;

/**
 * Matches keys under a prefix that are results and not photos: keys of the batch's destination inside the prefix, and
 * for a schedule also keys of its other occurrences.
 */
export function ownResults(
  source: BatchSource,
  { destination, schedule }: Pick<BatchSpec, "destination" | "schedule">,
): readonly string[] {
  const resultsUrl = schedule?.resultsUrl ?? destination.url;
  if (source.kind !== "prefix" || !resultsUrl.startsWith(source.url)) return [];
  // File URLs are percent-encoded. S3 URLs are literal and may contain a lone %.
  const inside = source.url.startsWith("file:")
    ? fileURLToPath(resultsUrl).slice(fileURLToPath(source.url).length)
    : resultsUrl.slice(source.url.length);
  return inside === "" ? [] : [inside];
}

/**
 * Returns the common prefix of a schedule's result URLs: its destination before `{date}`, which may end within a
 * folder's name.
 *
 * @throws DarkroomError `invalid_input`
 */
export function resultsUrlOf(destination: string): string {
  const url = wholeStoreUrl(datedDestination(destination, SOME_DAY), "destination");
  return destination.includes(DATE_PLACEHOLDER) ? url.slice(0, url.indexOf(SOME_DAY)) : url;
}

/**
 * Rejects a schedule whose dated results would be indistinguishable from its photos, because each occurrence would then
 * process the results of earlier occurrences.
 *
 * @throws DarkroomError `invalid_input` with the field
 */
export function checkResultsApart(submission: Submission & { readonly source: string }): void {
  if (!submission.destination.includes(DATE_PLACEHOLDER)) return;
  const source = describeSource(submission.source, submission);
  const resultsUrl = resultsUrlOf(submission.destination);
  if (source.kind !== "prefix" || !source.url.startsWith(resultsUrl)) return;
  const inside = source.url.slice(resultsUrl.length);
  if (inside !== "" && !DAY.test(inside)) return;
  throw new DarkroomError(
    "invalid_input",
    "The dated results would be among the photos, and later runs would enhance them again. Put a separate folder before {date}, for instance enhanced/{date}/.",
    { field: "destination" },
  );
}
