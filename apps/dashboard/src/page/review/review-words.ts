import type { ReviewState } from "@darkroom/core/review";
import type { PortraitReview } from "../api/types.ts";

/** The signs of decisions on the sheet. */
export const REVIEW_SIGNS: Readonly<Record<ReviewState, string>> = { undecided: "○", approved: "✓", rejected: "✕" };

/** Describes a decision, its author and its reason. */
export function reviewWords({ state, by, note }: Pick<PortraitReview, "state" | "by" | "note">): string {
  const who = by === null || by === "local" ? "" : ` by ${by}`;
  return `${state}${who}${note === null ? "" : `: ${note}`}`;
}
