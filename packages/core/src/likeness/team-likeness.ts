import { z } from "zod";
import { FACE_FINDINGS, type FaceFinding } from "./face-comparison.ts";
import type { FaceScores } from "./face-scores.ts";

/** Minimum number of portraits for a statement about the batch's change of tone. */
const FEWEST_TONES = 5;
/** Minimum change of the skin's lightness, in L*, that counts as a direction. */
const LEAST_SHIFT = 1;
/** Minimum share of portraits whose skin changes in the same direction, and minimum median change in L*. */
const ONE_WAY_SHARE = 0.7;
const ONE_WAY_MEDIAN = 1.5;
/** Range and resolution of the histogram of changes, in L*. */
const MOST_SHIFT = 50;
const SHIFT_BINS = 1_000;

/** Schema of {@link BatchLikeness}. */
export const batchLikenessSchema = z.object({
  compared: z.int().min(0).describe("Results whose face was compared with their source's."),
  least: z.int().min(0).max(100).nullable().describe("The lowest likeness."),
  median: z.int().min(0).max(100).nullable(),
  review: z.int().min(0).describe("Number of portraits with findings that a user should review."),
  findings: z.partialRecord(z.enum(FACE_FINDINGS), z.int().min(1)).describe("Portraits by finding."),
  tone: z.string().nullable().describe("A warning if the skin of most portraits changes in the same direction."),
});

/** The likeness of a batch's results to their sources. */
export interface BatchLikeness {
  readonly compared: number;
  readonly least: number | null;
  readonly median: number | null;
  readonly review: number;
  readonly findings: Readonly<Partial<Record<FaceFinding, number>>>;
  readonly tone: string | null;
}

/** Sums up the scores of a batch. Memory use is constant. */
export class TeamLikeness {
  readonly #likenesses = new Float64Array(101);
  readonly #shifts = new Float64Array(SHIFT_BINS);
  readonly #findings = new Map<FaceFinding, number>();
  #compared = 0;
  #review = 0;
  #lighter = 0;
  #darker = 0;
  #toned = 0;

  add({ likeness, skin, findings }: FaceScores): void {
    this.#compared += 1;
    if (likeness !== null) this.#likenesses[likeness] = (this.#likenesses[likeness] ?? 0) + 1;
    if (findings.length > 0) this.#review += 1;
    for (const finding of new Set(findings)) this.#findings.set(finding, (this.#findings.get(finding) ?? 0) + 1);
    // If the face is another person's, its skin does not describe a change of tone.
    if (skin === null || findings.includes("another_person")) return;
    this.#toned += 1;
    if (skin >= LEAST_SHIFT) this.#lighter += 1;
    if (skin <= -LEAST_SHIFT) this.#darker += 1;
    const bin = Math.floor(((skin + MOST_SHIFT) / (2 * MOST_SHIFT)) * SHIFT_BINS);
    const place = Math.min(SHIFT_BINS - 1, Math.max(0, bin));
    this.#shifts[place] = (this.#shifts[place] ?? 0) + 1;
  }

  /** Null if no face was compared. */
  get result(): BatchLikeness | null {
    if (this.#compared === 0) return null;
    const least = this.#likenesses.findIndex((count) => count > 0);
    return {
      compared: this.#compared,
      least: least < 0 ? null : least,
      median: least < 0 ? null : medianBin(this.#likenesses),
      review: this.#review,
      findings: Object.fromEntries(this.#findings),
      tone: this.#tone(),
    };
  }

  #tone(): string | null {
    const most = Math.max(this.#lighter, this.#darker);
    if (this.#toned < FEWEST_TONES || most < ONE_WAY_SHARE * this.#toned) return null;
    const median = ((medianBin(this.#shifts) + 0.5) / SHIFT_BINS) * 2 * MOST_SHIFT - MOST_SHIFT;
    if (Math.abs(median) < ONE_WAY_MEDIAN) return null;
    const way = this.#lighter > this.#darker ? "lighter" : "darker";
    const by = Math.abs(median).toFixed(1);
    return `the skin of ${most} of ${this.#toned} portraits gets ${way}, by ${by} L* in the middle, beyond the change of their backgrounds`;
  }
}

/** Returns the bin of the lower median. */
function medianBin(bins: Float64Array): number {
  const half = bins.reduce((sum, count) => sum + count, 0) / 2;
  let seen = 0;
  return bins.findIndex((count) => (seen += count) >= half);
}
