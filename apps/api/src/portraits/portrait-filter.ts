import { z } from "zod";
import {
  DarkroomError,
  OUTCOME_CODES,
  OUTCOMES,
  PORTRAIT_STATES,
  REVIEW_STATES,
  isRejected,
  shownSource,
  type Billed,
  type OutcomeCode,
  type PortraitState,
  type ReviewState,
  type SnapshotRow,
} from "@darkroom/core";
import type { Caller } from "../access/caller.ts";
import type { EndOf } from "./outcome-indexes.ts";
import type { FoundPortrait } from "./found-portrait.ts";

const MAX_TEXT_CHARS = 200;

/** Filters of a list of portraits. All given filters must match. */
export const filterFields = {
  state: z.enum(PORTRAIT_STATES).optional(),
  review: z.enum(REVIEW_STATES).optional().describe("Only portraits with a result and this decision."),
  code: z.enum(OUTCOME_CODES).optional().describe("Only portraits with this outcome."),
  billed: z
    .enum(["no", "yes", "maybe"])
    .optional()
    .describe("Only portraits with one of these outcomes in their latest round."),
  q: z
    .string()
    .trim()
    .min(1)
    .max(MAX_TEXT_CHARS)
    .optional()
    .describe("Only portraits with this text, in any case, in their id, source, name or columns."),
} as const;

/** Selects portraits by all given filters. */
export interface PortraitFilter {
  readonly state?: readonly PortraitState[] | undefined;
  readonly review?: readonly ReviewState[] | undefined;
  readonly code?: readonly OutcomeCode[] | undefined;
  readonly billed?: readonly Billed[] | undefined;
  /** Only portraits that ended in this round. */
  readonly round?: number | undefined;
  readonly q?: string | undefined;
}

/** True if the filter needs to know how each portrait ended. */
export function needsEnds({ code, billed, round }: PortraitFilter): boolean {
  // The state alone shows that a portrait succeeded.
  return code?.some((each) => each !== "ok") === true || billed !== undefined || round !== undefined;
}

/** True if a portrait's state, and how it ended, match. */
export function matchesEnd(
  { index, state, neverStarted }: FoundPortrait,
  { state: wished, code, billed, round }: PortraitFilter,
  endOf: EndOf | undefined,
): boolean {
  if (wished?.includes(state) === false) return false;
  if (code?.some((each) => OUTCOMES[each].state === state) === false) return false;
  if (endOf === undefined) return true;
  const last = endOf(index);
  const ended = last !== undefined && OUTCOMES[last.code].state === state ? last : undefined;
  const endCode = neverStarted ?? ended?.code;
  const endBilled = neverStarted === undefined ? ended?.billed : "no";
  if (code !== undefined && (endCode === undefined || !code.includes(endCode))) return false;
  if (billed !== undefined && (endBilled === undefined || !billed.includes(endBilled))) return false;
  return round === undefined || ended?.round === round;
}

/** True if the texts of a row contain `q`. A client's link searches only what it shows. */
export function matchesText(row: SnapshotRow, q: string, { link }: Pick<Caller, "link">): boolean {
  const { id, source, destination } = row;
  const carried = isRejected(row) ? {} : (row.carried ?? {});
  const own = [source === undefined ? undefined : shownSource(source), destination, ...Object.values(carried)];
  const wanted = q.toLowerCase();
  return [id, ...(link === undefined ? own : [])].some((text) => text?.toLowerCase().includes(wanted) === true);
}

/** @throws DarkroomError `forbidden` if a client's link filters by money */
export function checkFilter({ link }: Pick<Caller, "link">, { billed, round }: PortraitFilter): void {
  if (link === undefined || (billed === undefined && round === undefined)) return;
  throw new DarkroomError("forbidden", "A link for a client does not show what was billed, or in which round.", {
    field: billed === undefined ? "round" : "billed",
  });
}
