/** The user's choices on the page. */
export interface Choices {
  readonly preset: string;
  readonly mode: "eco" | "max";
  readonly provider: string;
  readonly name: string;
  /** USD; "" for no budget. */
  readonly budget: string;
  /** Number of portraits in the pilot; "" for none. */
  readonly pilot: string;
  /** True to leave out rows of a list that cannot be used. */
  readonly skipsBadRows: boolean;
  /** Store URL; "" for the upload's own place. */
  readonly destination: string;
  /** Store URL of photos that are not uploaded; "" for none. */
  readonly source: string;
}

/** The places of the uploaded photos and their results. */
interface Places {
  readonly source: string;
  readonly destination: string;
}

/** The body of a quote or a submission. */
export interface SubmissionBody {
  readonly name?: string;
  readonly source?: string;
  readonly baseUrl?: string;
  readonly destination: string;
  readonly recipe: { readonly preset: string; readonly mode?: string; readonly provider: string };
  readonly skipBadRows?: boolean;
  readonly maxCostUsd?: number;
  readonly pilot?: number;
}

/**
 * Builds the submission from the user's choices.
 *
 * @param upload undefined if nothing is uploaded
 * @param hasList true if a manifest is included; uploaded photos are then its base
 */
export function submissionOf(choices: Choices, upload: Places | undefined, hasList: boolean): SubmissionBody {
  const { preset, mode, provider, name, budget, pilot, destination, source } = choices;
  const photos = source.trim() === "" ? upload?.source : source.trim();
  const place = destination.trim() === "" ? (upload?.destination ?? "") : destination.trim();
  return {
    ...(name.trim() === "" ? {} : { name: name.trim() }),
    ...(photos === undefined ? {} : hasList ? { baseUrl: photos } : { source: photos }),
    destination: place,
    // Only each::sense has modes.
    recipe: { preset, provider, ...(provider === "each-sense" ? { mode } : {}) },
    ...(hasList && choices.skipsBadRows ? { skipBadRows: true } : {}),
    ...(budget.trim() === "" ? {} : { maxCostUsd: Number(budget) }),
    ...(pilot.trim() === "" ? {} : { pilot: Number(pilot) }),
  };
}
