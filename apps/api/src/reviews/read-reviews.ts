import { readReviewLines } from "@darkroom/archive";
import { effectiveLine, type ReviewLine, type ReviewStanding } from "@darkroom/core";
import type { BatchRecord } from "@darkroom/ledger";
import type { Services } from "../services.ts";
import type { PortraitReview } from "./review-conflict.ts";

/** The review of one portrait. */
export interface KnownReview {
  readonly standing: ReviewStanding;
  /** The line in effect; undefined if there is no decision, or the decision was withdrawn. */
  readonly effective: ReviewLine | undefined;
}

/** Reads the decisions about these portraits, in the same order. */
export async function readReviews(
  { ledger, openStore }: Pick<Services, "ledger" | "openStore">,
  { spec }: Pick<BatchRecord, "spec">,
  indexes: readonly number[],
): Promise<readonly KnownReview[]> {
  const standings = await ledger.reviews.standings(spec.id, indexes);
  const store = openStore(spec.destination.url);
  const read = async (numbers: readonly number[]): Promise<ReadonlyMap<number, ReviewLine>> => {
    const some = [...new Set(numbers)].filter((number) => number > 0);
    return await readReviewLines(ledger, store, { batchId: spec.id, numbers: some });
  };
  const latest = await read(standings.map(({ line }) => line));
  const effective = standings.map(({ line }, place) => effectiveLine(latest.get(line), indexes[place] ?? 0));
  const restored = await read(effective.filter((number) => !latest.has(number)));
  return standings.map((standing, place) => {
    const number = effective[place] ?? 0;
    return { standing, effective: latest.get(number) ?? restored.get(number) };
  });
}

/** Converts a decision to the API's view. */
export function viewReview({ standing, effective }: KnownReview): PortraitReview {
  const { state, line } = standing;
  if (state === "undecided" || effective === undefined) return { state, line, by: null, at: null, note: null };
  const { by, at, note = null } = effective;
  return { state, line, by, at: new Date(at).toISOString(), note };
}
