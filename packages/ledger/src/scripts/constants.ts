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

/** A portrait that a living worker holds is looked at again after this. */
export const HELD_LOOK_MS = protocolMs(5_000);

/** The most portraits that one search for pending ones reads. */
export const LOOK_PORTRAITS = 131_072;

/** The most rounds of a batch: a portrait's round is stored in a byte. */
export const MOST_ROUNDS = 255;

/** Outcome lines of failed and cancelled portraits that a batch keeps. */
export const MOST_DETAILS = 10_000;

/** Pictures that a batch remembers at once. A newer one replaces one that was remembered at the same place. */
export const REMEMBERED_PICTURES = 4_096;

/**
 * A wait's score is the number of its reason times this, plus the time of its next look (epoch ms, Redis' clock). So one
 * sorted set counts the waits of a reason and finds the next look, without a counter that could disagree.
 */
export const WAIT_SPAN_MS = 2 ** 42;

/** The number by which scripts know a reason to wait. */
export function reasonNumber(reason: WaitReason): number {
  return WAIT_REASONS.indexOf(reason);
}

/** What words in capitals stand for in a `.lua` file. The loader writes the values in. */
export const SCRIPT_CONSTANTS: Readonly<Record<string, number | string>> = {
  ...Object.fromEntries(PORTRAIT_STATES.map((state, number) => [state.toUpperCase(), number])),
  ...Object.fromEntries(WAIT_REASONS.map((reason) => [`WAIT_${reason.toUpperCase()}`, reasonNumber(reason)])),
  WAIT_SPAN_MS,
  HELD_LOOK_MS,
  LOOK_PORTRAITS,
  MOST_ROUNDS,
  MOST_DETAILS,
  PAID_AT,
  SUMS_AT,
  SUMMARY_FORMAT,
  DEATHS_OF_SUSPECT,
  DEATHS_THAT_PAUSE,
  PHOTO_MARK_DIGITS,
  /** The failure breaker looks back over this many portraits. */
  BREAKER_LOOKS_BACK: 100,
  /** The answers to this many orders of a batch are kept. */
  ORDERS_KEPT: 200,
  /** The same picture is given to two portraits within this time. */
  PICTURES_KEPT_MS: 24 * 3_600_000,
};
