import type { BatchStatus } from "@darkroom/core";

/**
 * A batch as every command's `--json` gives it: what `GET /v1/batches/{id}` answers, with `report` as a path or URL that
 * works from where the command runs.
 *
 * @param report null until the batch has ended
 */
export function batchJson(status: BatchStatus, report: string | null): BatchStatus {
  return { ...status, report };
}
