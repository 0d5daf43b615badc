import type { BatchStatus } from "@darkroom/core";

/**
 * Converts a batch to the `--json` output of every command: the response of `GET /v1/batches/{id}`, with `report` as a
 * path or URL that works from the current directory.
 *
 * @param report null until the batch has ended
 */
export function batchJson(status: BatchStatus, report: string | null): BatchStatus {
  return { ...status, report };
}
