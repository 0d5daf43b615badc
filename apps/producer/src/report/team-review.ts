import {
  MOST_LISTED,
  OUTCOMES,
  reviewReasons,
  teamConsistency,
  TeamLikeness,
  TeamSummary,
  type BatchConsistency,
  type BatchLikeness,
  type ConsistencyFile,
  type OutcomeLine,
  type SnapshotRow,
  type StandingOut,
  type TeamConsistency,
} from "@darkroom/core";
import type { OutcomeBuckets } from "@darkroom/archive";
import { SamePhotos } from "./same-photos.ts";
import { SharedPictures } from "./shared-pictures.ts";

/**
 * Compares the delivered portraits of a batch. Reads the outcome lines twice: once for the team's average, and once for
 * portraits that stand out while the report is written. Memory use is constant.
 */
export class TeamReview {
  readonly #team: TeamConsistency | null;
  readonly #measured: number;
  readonly #shared: SharedPictures;
  readonly #same: SamePhotos;
  readonly #faces = new TeamLikeness();
  readonly #listed: StandingOut[] = [];
  #review = 0;

  private constructor(summary: TeamSummary, shared: SharedPictures, same: SamePhotos) {
    this.#shared = shared;
    this.#same = same;
    this.#team = teamConsistency(summary);
    this.#measured = summary.measured;
  }

  /** Reads all outcomes and computes the team's average. */
  static async over(buckets: OutcomeBuckets): Promise<TeamReview> {
    const [summary, shared, same] = [new TeamSummary(), new SharedPictures(), new SamePhotos()];
    for (const bucket of buckets.numbers) {
      for (const outcome of (await buckets.read(bucket)).values()) {
        if (outcome.stats !== undefined && isDelivered(outcome.code)) summary.add(outcome.stats);
        shared.add(outcome);
        same.add(outcome);
      }
    }
    same.close();
    await shared.close(buckets);
    return new TeamReview(summary, shared, same);
  }

  /** Returns the reasons to review a portrait and counts it. Call once per portrait. */
  look(row: SnapshotRow, outcome: OutcomeLine | undefined): readonly string[] {
    const ofPictures = [this.#shared.reasonFor(row.index, outcome), this.#same.reasonFor(row, outcome)];
    if (outcome?.face !== undefined) this.#faces.add(outcome.face);
    const isCompared = outcome?.stats !== undefined && isDelivered(outcome.code);
    const reasons = [
      ...ofPictures.filter((reason) => reason !== undefined),
      ...(outcome?.face?.reasons ?? []),
      ...(isCompared ? reviewReasons(this.#team, outcome.stats) : []),
    ];
    if (reasons.length === 0) return reasons;
    this.#review += 1;
    const { stats, destination } = outcome ?? {};
    if (stats !== undefined && this.#listed.length < MOST_LISTED) {
      this.#listed.push({
        index: row.index,
        id: row.id ?? "",
        destination: destination ?? row.destination ?? "",
        reasons,
        stats,
      });
    }
    return reasons;
  }

  /** The summary for the batch's status; null for too few portraits. */
  get result(): BatchConsistency | null {
    if (this.#team === null) return null;
    return { score: this.#team.score, measured: this.#measured, review: this.#review };
  }

  /** The likeness of the results to their sources; null if no face was compared. */
  get likeness(): BatchLikeness | null {
    return this.#faces.result;
  }

  /** The contents of `consistency.json`. */
  get file(): ConsistencyFile {
    return {
      score: this.#team?.score ?? null,
      measured: this.#measured,
      review: this.#review,
      measures: this.#team?.measures ?? [],
      portraits: this.#listed,
    };
  }
}

function isDelivered(code: OutcomeLine["code"]): boolean {
  const { state } = OUTCOMES[code];
  return state === "succeeded" || state === "skipped";
}
