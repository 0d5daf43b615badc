import { fileURLToPath } from "node:url";
import {
  batchKeys,
  followsFailure,
  isEnded,
  isRetriable,
  LEFT_BEHIND,
  leftBehindWords,
  leftOutText,
  OUTCOMES,
  OUTCOME_CODES,
  settledCount,
  shortList,
  shownUsd,
  simulatedMark,
  usdText,
  type BatchStatus,
  type OutcomeCode,
} from "@darkroom/core";
import { joinUrl } from "@darkroom/storage/urls";
import prettyMilliseconds from "pretty-ms";
import { commandThatGoesOn } from "../follow/waits-for-person.ts";
import { keySettingOf } from "../options/provider-choice.ts";
import { isLoopbackUrl } from "../local-stack/loopback.ts";
import { momentText } from "./machine-time.ts";
import { reasonsText } from "./failure-reasons.ts";
import { likenessText } from "./likeness-text.ts";
import { MOST_NAMED, NONE_NAMED, type NamedPortraits } from "./named-portraits.ts";
import type { Skipped } from "./skipped-portraits.ts";
import { pilotText } from "./pilot-text.ts";
import { portraitsText } from "./portraits-text.ts";
import { shownCounts, waitTexts } from "./wait-words.ts";

/** Limit of codes named in a line. A retry without codes would reopen every portrait that may succeed. */
const MOST_CODES_NAMED = 4;

/**
 * Returns the location of a batch's report: a local path, the object's URL, or the API's URL for a file on the API's
 * machine.
 */
export function reportPlace(status: BatchStatus, apiUrl: string): string | null {
  if (!isEnded(status.state) || status.report === null) return null;
  const url = joinUrl(status.destination, batchKeys(status.id).reportCsv);
  if (!url.startsWith("file:")) return url;
  return isLoopbackUrl(apiUrl) ? fileURLToPath(url) : `${apiUrl}${status.report}`;
}

/** Formats a store URL for display: a folder as its path. */
export function shownPlace(storeUrl: string): string {
  return storeUrl.startsWith("file:") ? fileURLToPath(storeUrl) : storeUrl;
}

/** Formats a batch's state as one line. */
export function progressText(status: BatchStatus): string {
  const { state, counts, ratePerSecond, secondsLeft, ingested } = status;
  const reading = !ingested && !isEnded(state);
  if (status.waiting.some(({ reason }) => reason === "reopening")) return "failed portraits are reopened";
  if (counts.total === 0 && !ingested) return reading ? "reading the source" : "none was read";
  const parts = [`${settledCount(counts)} of ${counts.total}${reading ? "+" : ""} done`];
  for (const { count, words } of shownCounts(status)) if (count > 0) parts.push(`${count} ${words}`);
  if (ratePerSecond !== null) parts.push(rateText(ratePerSecond));
  if (secondsLeft !== null) parts.push(timeLeftText(secondsLeft));
  return parts.join(" · ");
}

export function rateText(ratePerSecond: number): string {
  return ratePerSecond >= 1 ? `${ratePerSecond.toFixed(1)} a second` : `${(ratePerSecond * 60).toFixed(1)} a minute`;
}

/** Formats the estimated remaining time, such as "5m to 8m left". */
export function timeLeftText({ low, high }: NonNullable<BatchStatus["secondsLeft"]>): string {
  const [from, to] = [low, high].map((seconds) => prettyMilliseconds(roundSeconds(seconds) * 1_000, { unitCount: 2 }));
  return from === to ? `about ${to} left` : `${from} to ${to} left`;
}

/** Durations of hours are shown without seconds. */
function roundSeconds(seconds: number): number {
  const step = seconds < 60 ? 1 : seconds < 600 ? 10 : 60;
  return Math.max(1, Math.round(seconds / step) * step);
}

/** Formats a batch's complete state. */
export function statusText(status: BatchStatus, report: string | null, names: NamedPortraits = NONE_NAMED): string {
  const rows: [string, string | null][] = [
    ["batch", status.id],
    ["name", status.name],
    ["source", shownPlace(status.source)],
    ["recipe", recipeText(status)],
    ["state", stateText(status)],
    ["portraits", progressText(status)],
    ["team", status.consistency === null ? null : consistencyText(status.consistency, names.standingOut)],
    ["faces", status.likeness === null ? null : likenessText(status.likeness)],
    ["failures", failuresText(status, names.failed)],
    ...whyRows(status, names.reasons),
    ["kept", skippedText(status, names.skipped, "kept")],
    ["crops", skippedText(status, names.skipped, "added")],
    ["old files", leftBehindText(status, names.leftBehind)],
    ["again", retryText(status)],
    ["left out", status.leftOut.length === 0 ? null : leftOutText(status.leftOut)],
    ["waiting", waitingText(status)],
    ["questions", questionsText(status)],
    ["lane", status.lane],
    ["fallback", fallbackText(status)],
    ["pilot", pilotText(status)],
    ["cost", costText(status)],
    ["estimate", estimateText(status)],
    ["deadline", status.deadline === null ? null : momentText(status.deadline)],
    ["retries", status.rounds.length === 0 ? null : status.rounds.map(roundText).join("; ")],
    [
      "lost",
      status.lostUsd === 0 ? null : `${shownUsd(status.lostUsd, status.lane)} paid for what could not be delivered`,
    ],
    ["unclear", unclearText(status)],
    ["submitted", momentText(status.createdAt)],
    ["ended", status.endedAt === null ? null : momentText(status.endedAt)],
    ["results", shownPlace(status.destination)],
    ["report", report],
  ];
  return rows
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name.padEnd(10)} ${value}`)
    .join("\n");
}

/**
 * Formats the consistency, for example "consistency 84 of 100 over 13 portraits; 1 stands out: ana.jpg (column review
 * of the report)".
 */
export function consistencyText(
  { score, measured, review }: NonNullable<BatchStatus["consistency"]>,
  names: readonly string[] = [],
): string {
  const who = names.length === 0 ? "" : `: ${shortList(names, review, MOST_NAMED)}`;
  const standing =
    review === 0
      ? "none stands out"
      : `${review} ${review === 1 ? "stands" : "stand"} out${who} (column review of the report)`;
  return `consistency ${score} of 100 over ${portraitsText(measured)}; ${standing}`;
}

/**
 * Describes the fallback, for example "phota does the work since …", or when it takes over; null without a fallback.
 */
function fallbackText({ fallback }: Pick<BatchStatus, "fallback">): string | null {
  if (fallback === null) return null;
  const { lane, afterMinutes, since } = fallback;
  if (since !== null) return `${lane} has done the work since ${momentText(since)}`;
  return `${lane} takes over when the lane has been blocked for ${prettyMilliseconds(afterMinutes * 60_000)}`;
}

/**
 * Describes a block, for example "the destination accepts no results (full): cannot write …; 4 portraits are paid and
 * wait to be stored".
 */
export function blockedText({ id, lane: own, fallback, blocked, unstored }: BlockedStatus): string {
  const { what, reason, message } = blocked;
  const lane = fallback !== null && fallback.since !== null ? fallback.lane : own;
  if (what === "lane") {
    const why = `the provider account is blocked (${reason}): ${message.replace(/\.$/, "")}`;
    return [why, ...mendText(reason, { id, lane })].join(". ");
  }
  const paid = unstored.portraits === 0 ? "" : `; ${unstoredText(unstored)}`;
  return `the destination accepts no results (${reason}): ${message}${paid}`;
}

/** Returns advice about an account that refuses every call. An outage needs no action. */
function mendText(
  reason: BlockedStatus["blocked"]["reason"],
  { id, lane }: Pick<BatchStatus, "id" | "lane">,
): string[] {
  if (reason === "auth") {
    const restart = `restart the process that works on the batch (Ctrl-C, then: darkroom watch ${id})`;
    return [`Correct ${keySettingOf(lane)}, and ${restart}`];
  }
  if (reason !== "balance") return [];
  return [`Top up the account; it then continues by itself, or at once with: darkroom lanes unblock ${lane}`];
}

interface BlockedStatus extends Pick<BatchStatus, "id" | "lane" | "fallback" | "unstored"> {
  readonly blocked: NonNullable<BatchStatus["blocked"]>;
}

function unstoredText({ portraits, usd }: BatchStatus["unstored"]): string {
  const price = usd === 0 ? "" : ` (${usdText(usd)})`;
  return `${portraitsText(portraits)} ${portraits === 1 ? "is" : "are"} paid${price} and ${portraits === 1 ? "waits" : "wait"} to be stored`;
}

/**
 * Describes missing processes, for example "for a process to work on it: there is no producer (the last one was seen at
 * …)".
 */
export function unattendedText({ missing, lacks, since, message }: NonNullable<BatchStatus["unattended"]>): string {
  const last = missing.length === 1 ? "the last one" : "the last of them";
  const none = lacks.length === 0 ? " (none was seen in the last 30 days)" : "";
  return `for a process to work on it: ${message}${since === null ? none : ` (${last} was seen at ${momentText(since)})`}`;
}

const PAUSED_BY = { person: "a person", breaker: "the failure breaker", budget: "its budget" } as const;

/** Returns the batch's state; "cancelling" between a user's cancellation and the end. */
export function shownState({ state, cancelling }: Pick<BatchStatus, "state" | "cancelling">): string {
  return cancelling ? "cancelling" : state;
}

function stateText(status: BatchStatus): string {
  const { reason, pausedBy } = status;
  const state = shownState(status);
  const by = pausedBy === null ? state : `${state} by ${PAUSED_BY[pausedBy]}`;
  if (reason === null) return by;
  // The default reason adds nothing to the state.
  return reason.startsWith(by) ? reason : `${by} (${reason})`;
}

/** Describes a batch's wait: for a user, its run window or its provider; null if the batch does not wait. */
function waitingText(status: BatchStatus): string | null {
  const { id, state, pausedBy, waiting, blocked, unattended } = status;
  if (state === "awaiting_confirmation") return `for you to confirm it: darkroom confirm ${id}`;
  if (state === "awaiting_approval") return `for you to approve its pilot: darkroom approve ${id}`;
  const isOverBudget = state === "paused" && pausedBy === "budget";
  const budget = isOverBudget ? [`for a higher budget: ${commandThatGoesOn(status) ?? ""}`] : [];
  const block = blocked === null ? [] : [blockedText({ ...status, blocked })];
  if (unattended !== null) {
    const last = [...block, ...lastFailures(status)];
    const known = last.length === 0 ? [] : [`when its last process stopped: ${last.join("; ")}`];
    return [...budget, unattendedText(unattended), ...known].join("; ");
  }
  const others = waiting.filter(({ reason }) => !isOverBudget || reason !== "budget");
  const all = [...budget, ...block, ...waitTexts(others, blocked?.what)];
  return all.length === 0 ? null : all.join("; ");
}

/** Returns the latest errors of portraits in a batch that no process works on. */
function lastFailures({ waiting, blocked }: BatchStatus): readonly string[] {
  return waitTexts(
    waiting
      .filter(({ reason, message }) => message !== null && followsFailure(reason))
      // Without a process there is no retry, so planned times are omitted.
      .map((each) => ({ ...each, nextLookAt: null })),
    blocked?.what,
  );
}

function questionsText({ id, failures }: BatchStatus): string | null {
  const asking = failures["needs_clarification"] ?? 0;
  return asking === 0
    ? null
    : `${portraitsText(asking)} ${asking === 1 ? "waits" : "wait"} for an answer: darkroom questions ${id}`;
}

function unclearText({ maybeBilled, maybeUsd, lane }: BatchStatus): string | null {
  if (maybeBilled === 0) return null;
  const atMost = maybeUsd === 0 ? simulatedMark(lane) : `, ${shownUsd(maybeUsd, lane)} at most`;
  return `${maybeBilled} may have been billed without a result${atMost}`;
}

function costText({ costUsd, lostUsd, maxCostUsd, lane }: BatchStatus): string | null {
  if (maxCostUsd !== null) return `${shownUsd(costUsd + lostUsd, lane)} spent of at most ${usdText(maxCostUsd)}`;
  return costUsd === 0 ? null : `${shownUsd(costUsd, lane)} by the price table`;
}

function estimateText({ state, estimatedCostUsd, lane }: BatchStatus): string | null {
  return isEnded(state) || estimatedCostUsd === null ? null : `${shownUsd(estimatedCostUsd, lane)} in total`;
}

function roundText({ number, opened, codes, at }: BatchStatus["rounds"][number]): string {
  const which = codes.length > MOST_CODES_NAMED ? "" : ` (${codes.join(", ")})`;
  return `${number}: ${portraitsText(opened)}, ${momentText(at)}${which}`;
}

/** Formats a recipe, for example "professional-polish · eco · each-sense". */
export function recipeText({ recipe: { steps, mode, provider } }: Pick<BatchStatus, "recipe">): string {
  return [steps.join(", then "), mode, provider].filter((part) => part !== null).join(" · ");
}

/** Formats the number of portraits per failure code, and the command that lists them. */
function failuresText({ id, failures, counts }: BatchStatus, names: NamedPortraits["failed"]): string | null {
  const named = Object.entries(failures).map(([code, count]) => {
    const who = names.get(code);
    return `${code} ${count}${who === undefined ? "" : ` (${shortList(who, count, MOST_NAMED)})`}`;
  });
  if (named.length === 0) return null;
  const states = (["failed", "cancelled"] as const).filter((state) => counts[state] > 0);
  const commands = states.map((state) => `darkroom portraits ${id} --state ${state}`);
  return [named.join(", "), ...(commands.length === 0 ? [] : [`why: ${commands.join(" and ")}`])].join("; ");
}

/**
 * Formats a row for each code with known reasons: `invalid_row 2: mode "turbo" is not known; use max, eco (line 3, line
 * 9)`.
 */
function whyRows({ failures }: BatchStatus, reasons: NamedPortraits["reasons"]): [string, string][] {
  return Object.entries(failures).flatMap(([code, count]): [string, string][] => {
    const its = reasons.get(code);
    return its === undefined ? [] : [["", `${code} ${reasonsText(its, count)}`]];
  });
}

/** Warns about files that remain under the names of portraits without a picture, with the first names. */
function leftBehindText({ leftBehind }: BatchStatus, names: NamedPortraits["leftBehind"]): string | null {
  const found = LEFT_BEHIND.flatMap((kind) => {
    const count = leftBehind[kind] ?? 0;
    if (count === 0) return [];
    const who = names.get(kind);
    return [
      {
        count,
        text: `${count} ${leftBehindWords(kind)}${who === undefined ? "" : ` (${shortList(who, count, MOST_NAMED)})`}`,
      },
    ];
  });
  if (found.length === 0) return null;
  const all = portraitsText(found.reduce((sum, { count }) => sum + count, 0));
  const list = found.map(({ text }) => text).join(", ");
  return `${all} ended without a picture, but the destination still has a file under the name: ${list}; do not deliver these (column leftBehind of the report)`;
}

/** Formats what skipped portraits have in common: "12: 1 crop added, in signature/ (a.jpg, b.jpg, c.jpg and 9 more)". */
function skippedText({ counts }: BatchStatus, skipped: Skipped, what: "added" | "kept"): string | null {
  const count = skipped[what].reduce((sum, { who }) => sum + who.length, 0);
  if (count === 0) return null;
  const { looked } = skipped;
  return `${reasonsText(skipped[what], count)}${looked < counts.skipped ? `; of the first ${looked} delivered already` : ""}`;
}

/** Outcomes that recur as long as a question stays unanswered or a name stays the same. */
const SAME_AGAIN: readonly OutcomeCode[] = ["needs_clarification", "unstorable_name"];

/** Describes the effect of a retry on the failures of an ended batch; null if a retry cannot help. */
function retryText({ id, state, failures }: BatchStatus): string | null {
  if (!isEnded(state)) return null;
  const codes = OUTCOME_CODES.filter(
    (code) => (failures[code] ?? 0) > 0 && isRetriable(code) && !SAME_AGAIN.includes(code),
  );
  const [better = [], replaced = []] = [true, false].map((retryable) =>
    codes.filter((code) => OUTCOMES[code].retryable === retryable),
  );
  const lines = [
    ...(better.length === 0 ? [] : [`darkroom retry ${id} retries ${better.join(", ")}`]),
    ...(replaced.length === 0
      ? []
      : [`after you have replaced the photos: darkroom retry ${id} --code ${replaced.join(" --code ")}`]),
  ];
  return lines.length === 0 ? null : lines.join("; ");
}

/**
 * Warns that a batch will cost more than its budget. The estimate also counts remaining photos that the destination may
 * already have, so the warning appears only once a portrait was enhanced and none was found delivered.
 */
export function budgetText({ ingested, counts, estimatedCostUsd, maxCostUsd }: BatchStatus): string | undefined {
  if (!ingested || counts.succeeded === 0 || counts.skipped > 0) return undefined;
  if (estimatedCostUsd === null || maxCostUsd === null || estimatedCostUsd <= maxCostUsd) return undefined;
  return `The estimate of ${usdText(estimatedCostUsd)} is above the budget of ${usdText(maxCostUsd)}: the batch will pause before it exceeds it.`;
}
