import type { GivenPicture } from "../delivery/given-picture.ts";
import type { PictureStats } from "../consistency/picture-stats.ts";
import type { TerminalState } from "../batch/portrait.ts";

/** Whether the provider asked money for it: `maybe` where there is no way to know. */
export type Billed = "no" | "yes" | "maybe";

interface OutcomeRule {
  readonly state: TerminalState;
  /** Whether opening the portrait again, as it is, may end better. */
  readonly retryable: boolean;
  /** One line for people; `docs/error-codes.md` holds the same (a test compares the two). */
  readonly meaning: string;
}

/** Every way in which a portrait can end. Retryability is decided here and nowhere else. */
export const OUTCOMES = {
  ok: { state: "succeeded", retryable: false, meaning: "enhanced and stored" },
  already_delivered: {
    state: "skipped",
    retryable: false,
    meaning: "the destination has this photo with this recipe, or its schedule delivered it before; nothing was paid",
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
  unsupported_format: { state: "failed", retryable: false, meaning: "the provider does not take this kind of picture" },
  too_large: { state: "failed", retryable: false, meaning: "the picture is larger than the provider takes" },
  too_small: { state: "failed", retryable: false, meaning: "the picture is smaller than the provider takes" },
  no_face: { state: "failed", retryable: false, meaning: "the provider saw no face" },
  content_policy: { state: "failed", retryable: false, meaning: "the provider refused the content" },
  invalid_request: {
    state: "failed",
    retryable: false,
    meaning: "the provider called the request malformed, or its account refuses this portrait alone",
  },
  needs_clarification: {
    state: "failed",
    retryable: true,
    meaning: "the provider asked a question without an answer, or asked again",
  },
  no_output: { state: "failed", retryable: true, meaning: "the provider finished without a picture" },
  unchanged_output: { state: "failed", retryable: true, meaning: "the provider returned the source" },
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
    meaning: "the photo was replaced while it was worked on; the result of the earlier one is not delivered",
  },
  shared_picture: {
    state: "failed",
    retryable: true,
    meaning: "the provider returned another portrait's picture: paid, not stored",
  },
  destination_taken: {
    state: "failed",
    retryable: true,
    meaning: "the destination has another portrait's result or a foreign file at this key; it was not replaced",
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
  storage_error: { state: "failed", retryable: true, meaning: "the object store failed, on every attempt" },
  cancelled: { state: "cancelled", retryable: true, meaning: "cancelled before it started" },
  cancelled_in_flight: { state: "cancelled", retryable: true, meaning: "cancelled while the provider worked on it" },
  over_budget: { state: "cancelled", retryable: true, meaning: "not started: the budget was used up" },
  deadline_passed: { state: "cancelled", retryable: true, meaning: "not started: the deadline had passed" },
  internal: { state: "failed", retryable: true, meaning: "a fault of Darkroom itself" },
} as const satisfies Record<string, OutcomeRule>;

export type OutcomeCode = keyof typeof OUTCOMES;

export const OUTCOME_CODES = Object.keys(OUTCOMES) as readonly OutcomeCode[];

/** How one portrait ended, as settled in the ledger and written to the report. */
export interface Outcome {
  readonly code: OutcomeCode;
  readonly billed: Billed;
  /** A person's sentence; empty for the good endings. */
  readonly message: string;
  /** Attempts that the provider failed, and the one that ended it. 0 when no provider was called. */
  readonly attempts: number;
  /** Time spent waiting for the provider, over all attempts. */
  readonly providerMs: number;
  /** For what was delivered, from the price table; null where the table has no price. See core's `Spent`. */
  readonly costUsd: number | null;
  /** Surely paid, and nothing delivered for it. Absent: nothing. */
  readonly lostUsd?: number | null;
  /** Of `costUsd`, what an earlier round has booked as lost: its picture was found after all, and is lost no more. Absent: nothing. */
  readonly foundUsd?: number | null;
  /** The most that calls can have cost of which nobody knows whether they were paid. Absent: nothing. */
  readonly maybeUsd?: number | null;
  /** The lane that did the work, where it is not the batch's own. */
  readonly lane?: string;
  /** The key under the destination, where something was stored. */
  readonly destination?: string;
  /** Keys of the further pictures of the same call. */
  readonly variations?: readonly string[];
  /** Keys of the cuts of the main picture. */
  readonly deliveries?: readonly string[];
  /** Ordered pictures that are not in their place: `variation-2`, with the key of what is kept of it where something is. */
  readonly undelivered?: readonly string[];
  /** How often the provider recognised each profile, over all pictures of the call. */
  readonly knownSubjects?: Readonly<Record<string, number>>;
  /** What a person should look at, in words, though the portrait ended well. */
  readonly warnings?: readonly string[];
  /** Perceptual distance between source and result, 0 (the same) to 1. */
  readonly distance?: number;
  readonly stats?: PictureStats;
  /** What the provider gave, where something of it is stored, or was not for that reason. */
  readonly picture?: GivenPicture;
  /** What the provider's agent asked, where that is how it ended. */
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
  /** The round that had opened the portrait last; absent for the first. */
  readonly round?: number;
  /** The round that the batch was in when it ended, where that is another one. */
  readonly batchRound?: number;
}

/** Whether an outcome of a portrait takes the place of another one: a later round always does, within a round the later. */
export function isNewer(one: OutcomeLine, other: OutcomeLine): boolean {
  const [round, before] = [one.round ?? 0, other.round ?? 0];
  return round === before ? one.at >= other.at : round > before;
}
