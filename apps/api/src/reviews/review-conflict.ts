import { z } from "zod";
import { DarkroomError, REVIEW_STATES } from "@darkroom/core";
import { named } from "../http/schema-names.ts";

export const portraitReviewSchema = named(
  "PortraitReview",
  z.object({
    state: z.enum(REVIEW_STATES),
    line: z.int().min(0).describe("Number of the log line that last changed it; 0 if there is none."),
    by: z.string().nullable().describe("Id of the key that made the decision; null without a decision."),
    at: z.iso.datetime().nullable(),
    note: z.string().nullable(),
  }),
);

export type PortraitReview = z.infer<typeof portraitReviewSchema>;

export const conflictsSchema = z
  .array(z.object({ index: z.int().min(0), review: portraitReviewSchema }))
  .describe("The first 100 portraits about which another user has decided since, with that decision.");

/** Limit of conflicts in a response. */
const MOST_SHOWN = 100;

/** An order about results about which another user has decided since. */
export class ReviewConflict extends DarkroomError {
  readonly conflicts: z.infer<typeof conflictsSchema>;

  constructor(conflicts: z.infer<typeof conflictsSchema>, recorded: number) {
    super("stale", conflictText(conflicts, recorded));
    this.conflicts = conflicts.slice(0, MOST_SHOWN);
  }
}

function conflictText(conflicts: z.infer<typeof conflictsSchema>, recorded: number): string {
  const [first] = conflicts;
  const others = conflicts.length - 1;
  const { state, by, note } = first?.review ?? { state: "undecided", by: null, note: null };
  const who = by === null ? "Another person has withdrawn the decision on" : `${by} has ${state}`;
  const said = note === null ? "" : ` (“${note}”)`;
  const more = others > 0 ? `, and ${others} more have changed` : "";
  const kept = recorded === 0 ? "Nothing was changed" : `${recorded} others were recorded before that`;
  return `${who} portrait ${first?.index ?? 0}${said} since you looked${more}. ${kept}; look again, then decide.`;
}
