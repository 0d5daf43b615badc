import { batchKeys } from "@darkroom/core";

/**
 * Returns a predicate for the files of an ended batch that a cleanup keeps. `batch.json` always stays: it marks the
 * folder as a destination, so that its results are not mistaken for photos, and records that the batch has ended.
 */
export function keptAfterClean(batchId: string, report: "keep" | "delete"): (key: string) => boolean {
  const keys = batchKeys(batchId);
  const reports: readonly string[] = [
    keys.reportCsv,
    keys.reportJsonl,
    keys.failuresCsv,
    keys.leftOutCsv,
    keys.consistency,
    keys.leftBehind,
  ];
  return (key) =>
    key === keys.spec ||
    (report === "keep" &&
      (reports.includes(key) ||
        [keys.keptPrefix, keys.reviewsPrefix, keys.finalPlacesPrefix].some((prefix) => key.startsWith(prefix))));
}
