import { batchKeys, type BatchSpec } from "@darkroom/core";

/**
 * Tells which files of an ended batch a cleaning keeps. `batch.json` always stays: it marks the folder as a destination,
 * whose results are not taken for photos, and says that the batch has ended. Where the batch took its photos from its own
 * destination, only its list tells results from photos, so that stays too.
 */
export function keptAfterClean(
  { id, source, destination }: Pick<BatchSpec, "id" | "source" | "destination">,
  report: "keep" | "delete",
): (key: string) => boolean {
  const keys = batchKeys(id);
  const photos = source.kind === "prefix" ? source.url : source.baseUrl;
  const needsList = photos?.startsWith(destination.url) === true;
  const reports: readonly string[] = [
    keys.reportCsv,
    keys.reportJsonl,
    keys.failuresCsv,
    keys.leftOutCsv,
    keys.consistency,
  ];
  return (key) => {
    if (key === keys.spec) return true;
    if (key.startsWith(keys.snapshotPrefix)) return needsList;
    return report === "keep" && (reports.includes(key) || key.startsWith(keys.keptPrefix));
  };
}
