import type { OutcomeLine } from "./outcome.ts";
import type { RejectedRow } from "../batch/portrait.ts";

/**
 * Returns the outcome of a rejected row.
 *
 * @param at epoch ms
 */
export function rejectedLine(row: RejectedRow, at: number): OutcomeLine {
  const { line, field, message } = row.rejected;
  const where = [line === undefined ? "" : `line ${line}`, field === undefined ? "" : `column ${field}`].filter(
    (part) => part !== "",
  );
  return {
    index: row.index,
    at,
    code: "invalid_row",
    billed: "no",
    message: where.length === 0 ? message : `${where.join(", ")}: ${message}`,
    attempts: 0,
    providerMs: 0,
    costUsd: 0,
  };
}
