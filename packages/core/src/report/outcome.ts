import type { C2paFate } from "../delivery/ai-marks.ts";
import type { GivenPicture } from "../delivery/given-picture.ts";
import type { FaceScores } from "../likeness/face-scores.ts";
import type { PictureStats } from "../consistency/picture-stats.ts";
import type { TerminalState } from "../batch/portrait.ts";

/** Whether the provider charged for the portrait; `maybe` if that cannot be known. */
export type Billed = "no" | "yes" | "maybe";

interface OutcomeRule {
  readonly state: TerminalState;
  /** True if reopening the portrait unchanged may succeed. */
  readonly retryable: boolean;
  /** One line for users. A test compares this text with `docs/error-codes.md`. */
  readonly meaning: string;
}

/** Every way in which a portrait can end. Retryability is decided only here. */
export const OUTCOMES = {
  ok: { state: "succeeded", retryable: false, meaning: "enhanced and stored" },
  already_delivered: {
    state: "skipped",
    retryable: false,
    meaning: "the destination has this photo with this recipe, or its schedule delivered it before; nothing was paid",
  },
  kept: {
    state: "skipped",
    retryable: false,
    meaning: "the destination has this photo's result with another recipe, and the order keeps it; nothing was paid",
  },
  invalid_row: { state: "failed", retryable: false, meaning: "the manifest row could not be accepted" },
  source_missing: { state: "failed", retryable: true, meaning: "the photo does not exist" },
  source_unreadable: {
    state: "failed",
    retryable: true,
    meaning: "the photo could not be read, or the provider could not fetch its link",
  },
  source_not_allowed: {
    state: "failed",
    retryable: false,
    meaning: "the photo's address is in a private network",
  },
  invalid_image: { state: "failed", retryable: false, meaning: "the photo is not a usable picture" },
  unsupported_format: { state: "failed", retryable: false, meaning: "the provider does not accept this format" },
  too_large: { state: "failed", retryable: false, meaning: "the picture is larger than the provider accepts" },
  too_small: { state: "failed", retryable: false, meaning: "the picture is smaller than the provider accepts" },
  no_face: {
    state: "failed",
    retryable: false,
    meaning: "the photo shows no face; found before the call, or by the provider",
  },
  content_policy: { state: "failed", retryable: false, meaning: "the provider refused the content" },
  invalid_request: {
    state: "failed",
    retryable: false,
    meaning: "the provider called the request malformed, or its account refuses only this portrait",
  },
  needs_clarification: {
    state: "failed",
    retryable: true,
    meaning: "the provider asked a question without an answer, or asked again",
  },
  no_output: { state: "failed", retryable: true, meaning: "the provider finished without a picture" },
  unchanged_output: { state: "failed", retryable: true, meaning: "the provider returned the source unchanged" },
  blank_output: { state: "failed", retryable: true, meaning: "the provider's picture is one flat colour" },
  corrupt_output: { state: "failed", retryable: true, meaning: "the provider's picture cannot be decoded" },
  result_unavailable: {
    state: "failed",
    retryable: true,
    meaning: "paid, and the result's URL is gone",
  },
  source_changed: {
    state: "failed",
    retryable: true,
    meaning: "the photo was replaced during processing; the result of the earlier one is not delivered",
  },
  shared_picture: {
    state: "failed",
    retryable: true,
    meaning: "the provider returned another portrait's picture: paid, not stored",
  },
  not_alike: {
    state: "failed",
    retryable: true,
    meaning: "the result's face is not its source's, and the batch is strict: paid, not stored",
  },
  destination_taken: {
    state: "failed",
    retryable: true,
    meaning:
      "the destination has another portrait's or another recipe's result, or a foreign file at this key; it was not replaced",
  },
  timeout: { state: "failed", retryable: true, meaning: "no answer within the deadline, on every attempt" },
  provider_error: { state: "failed", retryable: true, meaning: "the provider failed, on every attempt" },
  answer_lost: {
    state: "failed",
    retryable: true,
    meaning: "the last attempt's answer was lost before it was stored",
  },
  worker_died: {
    state: "failed",
    retryable: false,
    meaning: "the portrait's process died repeatedly, at last with this portrait alone",
  },
  unstorable_name: {
    state: "failed",
    retryable: false,
    meaning: "the destination can never hold a file of this name",
  },
  storage_error: { state: "failed", retryable: true, meaning: "the object store failed, on every attempt" },
  cancelled: { state: "cancelled", retryable: true, meaning: "cancelled before it started" },
  cancelled_in_flight: { state: "cancelled", retryable: true, meaning: "cancelled while the provider worked on it" },
  over_budget: { state: "cancelled", retryable: true, meaning: "not started: the budget was full" },
  deadline_passed: { state: "cancelled", retryable: true, meaning: "not started: the deadline had passed" },
  internal: { state: "failed", retryable: true, meaning: "an error in Darkroom itself" },
} as const satisfies Record<string, OutcomeRule>;

export type OutcomeCode = keyof typeof OUTCOMES;

export const OUTCOME_CODES = Object.keys(OUTCOMES) as readonly OutcomeCode[];

/** The final outcome of one portrait, as settled in the ledger and written to the report. */
export interface Outcome {
  readonly code: OutcomeCode;
  readonly billed: Billed;
  /** A message for the user. Empty for successes, except for kept results and additions to earlier results. */
  readonly message: string;
  /** Number of attempts that failed at the provider, plus the final one. 0 if no provider was called. */
  readonly attempts: number;
  /** Total time spent waiting for the provider, over all attempts, in ms. */
  readonly providerMs: number;
  /** Price of the delivered work; null if the price table has none. See `Spent`. */
  readonly costUsd: number | null;
  /** Amount certainly paid with nothing delivered. Absent: nothing. */
  readonly lostUsd?: number | null;
  /** The part of `costUsd` that an earlier round counted as lost, if the picture was found later. Absent: nothing. */
  readonly foundUsd?: number | null;
  /** Upper bound for calls that may or may not have been paid. Absent: nothing. */
  readonly maybeUsd?: number | null;
  /** The lane that processed the portrait, if it is not the batch's own. */
  readonly lane?: string;
  /** The key under the destination, if a result was stored. */
  readonly destination?: string;
  /** Keys of the variations. */
  readonly variations?: readonly string[];
  /** Keys of the cuts of the main picture. */
  readonly deliveries?: readonly string[];
  /** Ordered pictures that could not be stored at their key: `variation-2`, with the key of the kept copy, if any. */
  readonly undelivered?: readonly string[];
  /** How often the provider recognised each profile, over all pictures of the call. */
  readonly knownSubjects?: Readonly<Record<string, number>>;
  /** Warnings for the user about a portrait that ended well. */
  readonly warnings?: readonly string[];
  /** Perceptual distance between source and result, 0 (identical) to 1. */
  readonly distance?: number;
  readonly stats?: PictureStats;
  /** The result's face compared with its source's. Absent if they were not compared. */
  readonly face?: FaceScores;
  /** The fate of the main picture's C2PA manifest. Absent if no picture was stored. */
  readonly c2pa?: C2paFate;
  /** Digests of the provider's pictures, if a picture was stored, or was refused because of its digest. */
  readonly picture?: GivenPicture;
  /** The agent's question, if the portrait ended with one. */
  readonly question?: Question;
}

/** A question of the provider's agent. */
interface Question {
  readonly text: string;
  readonly options: readonly string[];
}

/** One entry of the outcomes stream and of a report part. */
export interface OutcomeLine extends Outcome {
  readonly index: number;
  /** Epoch milliseconds. */
  readonly at: number;
  /** The round that opened the portrait last. Absent for the first. */
  readonly round?: number;
  /** The batch's round at the end of the portrait, if different. */
  readonly batchRound?: number;
}

/**
 * True if the ledger keeps the whole outcome line for the portrait's page: a portrait without a result, a kept result
 * (whose state only says that the portrait was delivered), and a result whose face needs a review.
 */
export function isDetailed({ code, face }: Pick<Outcome, "code" | "face">): boolean {
  return isWithoutResult(code) || code === "kept" || (face?.findings.length ?? 0) > 0;
}

/** True for an outcome that counts as a failure or cancellation. */
export function isWithoutResult(code: OutcomeCode): boolean {
  const { state } = OUTCOMES[code];
  return state === "failed" || state === "cancelled";
}

/**
 * True if one outcome of a portrait replaces another, because it is from a later round, or later within the same round.
 */
export function isNewer(one: OutcomeLine, other: OutcomeLine): boolean {
  const [round, before] = [one.round ?? 0, other.round ?? 0];
  return round === before ? one.at >= other.at : round > before;
}
