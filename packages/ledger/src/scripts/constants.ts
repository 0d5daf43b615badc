import {
  DEATHS_OF_SUSPECT,
  DEATHS_THAT_PAUSE,
  PHOTO_MARK_DIGITS,
  PORTRAIT_STATES,
  protocolMs,
  WAIT_REASONS,
  type WaitReason,
} from "@darkroom/core";
import { PAID_AT, SUMMARY_FORMAT, SUMS_AT } from "../portrait/stored-receipt.ts";

/** A portrait claimed by a live worker is checked again after this time. */
export const HELD_LOOK_MS = protocolMs(5_000);

/** Maximum number of portraits read by one search for pending ones. */
export const LOOK_PORTRAITS = 131_072;

/** Maximum number of rounds of a batch: a portrait's round is stored in a byte. */
export const MOST_ROUNDS = 255;

/** Maximum number of outcome lines of failed and cancelled portraits that a batch keeps. */
export const MOST_DETAILS = 10_000;

/** Maximum number of pictures that a batch remembers. A newer picture replaces the one in the same slot. */
export const REMEMBERED_PICTURES = 4_096;

/**
 * A wait's score is the number of its reason times this, plus the time of its next check (epoch ms, Redis' clock). One
 * sorted set thus counts the waits of a reason and finds the next check, without a separate counter that could diverge.
 */
export const WAIT_SPAN_MS = 2 ** 42;

/** Returns the number of a wait reason in scripts. */
export function reasonNumber(reason: WaitReason): number {
  return WAIT_REASONS.indexOf(reason);
}

/** Number of first events of a batch among which failed portraits are reported. */
const FAILURES_TOLD = 10_000;

/** Number of newest events that a batch's feed keeps: all reported failures, thousands of decisions, and all others. */
const EVENTS_KEPT = 24_000;

/** A decision is stored as the number of its line times this, plus the number of the review state. */
export const REVIEW_SPAN = 4;

/** Number of newest lines of a batch's review log in Redis. The object store has all lines. */
const REVIEW_LINES_KEPT = 1_000;

/** Values that replace the capitalized words in a `.lua` file when it is loaded. */
export const SCRIPT_CONSTANTS: Readonly<Record<string, number | string>> = {
  ...Object.fromEntries(PORTRAIT_STATES.map((state, number) => [state.toUpperCase(), number])),
  ...Object.fromEntries(WAIT_REASONS.map((reason) => [`WAIT_${reason.toUpperCase()}`, reasonNumber(reason)])),
  WAIT_SPAN_MS,
  HELD_LOOK_MS,
  LOOK_PORTRAITS,
  MOST_ROUNDS,
  MOST_DETAILS,
  FAILURES_TOLD,
  EVENTS_KEPT,
  PAID_AT,
  SUMS_AT,
  SUMMARY_FORMAT,
  DEATHS_OF_SUSPECT,
  DEATHS_THAT_PAUSE,
  PHOTO_MARK_DIGITS,
  REVIEW_SPAN,
  REVIEW_LINES_KEPT,
  /** Number of portraits that the failure breaker considers. */
  BREAKER_LOOKS_BACK: 100,
  /** Number of orders of a batch whose answers are kept. */
  ORDERS_KEPT: 200,
  /** Period within which the same picture for two portraits is detected. */
  PICTURES_KEPT_MS: 24 * 3_600_000,
};
