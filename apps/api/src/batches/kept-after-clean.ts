import { batchKeys } from "@darkroom/core";

/**
 * Tells which files of an ended batch a cleaning keeps unchanged. `batch.json` always stays: it marks the folder as a
 * destination, whose results are not taken for photos, and says that the batch has ended.
 */
export function keptAfterClean(batchId: string, report: "keep" | "delete"): (key: string) => boolean {
  const keys = batchKeys(batchId);
  const reports: readonly string[] = [
    keys.reportCsv,
    keys.reportJsonl,
    keys.failuresCsv,
    keys.leftOutCsv,
    keys.consistency,
  ];
  return (key) =>
    key === keys.spec || (report === "keep" && (reports.includes(key) || key.startsWith(keys.keptPrefix)));
}
