import { Cron } from "croner";
import { DarkroomError, messageOf } from "@darkroom/core";
import type { Schedule } from "./schedule.ts";

/** An occurrence that no producer has started within this time after it was due counts as missed, in ms. */
const MISSED_AFTER_MS = 5 * 60_000;
/** Due times that were handled up to a moment further in the future than this come from a wrong clock, in ms. */
const CLOCK_WRONG_MS = 3_600_000;
/** Maximum number of past due times that are counted one by one. */
const MOST_COUNTED = 100;
/** Maximum number of parsed patterns, and of results, in the cache. */
const MOST_REMEMBERED = 10_000;

type Timer = Pick<Schedule, "cron" | "timeZone">;

/** The past due times of a schedule that no producer has handled. */
export interface Due {
  /** The latest one (epoch ms). */
  readonly dueMs: number;
  /** Number of due times, up to {@link MOST_COUNTED}. */
  readonly count: number;
  /** True if the latest one was missed. */
  readonly isMissed: boolean;
}

const patterns = new Map<string, Cron>();
/** Cache of {@link nextDueTimes}, which is called several times a second. */
const answers = new Map<string, { readonly afterMs: number; readonly times: readonly number[] }>();

/**
 * Parses a pattern. Daylight-saving time is handled as by Vixie cron. On the day when clocks are set forward, a time
 * that does not exist is due when the missing hour has passed. When clocks are set back, a time that comes twice is due
 * only the first time. A pattern with `*` or a step in its hours or minutes follows elapsed time instead.
 */
function parse({ cron, timeZone }: Timer): Cron {
  const name = `${timeZone} ${cron}`;
  const known = patterns.get(name);
  if (known !== undefined) return known;
  if (patterns.size >= MOST_REMEMBERED) patterns.clear();
  const parsed = new Cron(cron, {
    timezone: timeZone,
    mode: "5-or-6-parts",
    fixedTimeRule: "no-wildcard",
    paused: true,
  });
  patterns.set(name, parsed);
  return parsed;
}

/**
 * Returns the next due times of a schedule (epoch ms), earliest first.
 *
 * @param afterMs epoch ms
 */
export function nextDueTimes(timer: Timer, afterMs: number, count: number): readonly number[] {
  const name = `${count} ${timer.timeZone} ${timer.cron}`;
  const known = answers.get(name);
  if (known !== undefined && known.afterMs <= afterMs && afterMs < (known.times[0] ?? Infinity)) return known.times;
  const times: number[] = [];
  let at = new Date(afterMs);
  while (times.length < count) {
    const next = parse(timer).nextRun(at);
    if (next === null) break;
    times.push(next.getTime());
    at = next;
  }
  if (answers.size >= MOST_REMEMBERED) answers.clear();
  answers.set(name, { afterMs, times });
  return times;
}

/** The accepted forms of a pattern, which the parser's own message does not list. */
const SHAPE =
  "it must have five fields (minute, hour, day of the month, month, day of the week), or six with the seconds first, or be @hourly, @daily, @weekly, @monthly or @yearly";

function isShaped(cron: string): boolean {
  return /^(?:\S+\s+){4,5}\S+$/.test(cron.trim());
}

/** @throws DarkroomError `invalid_input` for a pattern that is invalid or never due */
export function checkTimer(timer: Timer, nowMs: number): void {
  const { cron, timeZone } = timer;
  let why: string;
  try {
    if (nextDueTimes(timer, nowMs, 1).length > 0) return;
    why = "no such time ever comes";
  } catch (error) {
    why = isShaped(cron)
      ? messageOf(error)
          .replace(/^CronPattern: /, "")
          .replace(/\.$/, "")
      : SHAPE;
  }
  throw new DarkroomError(
    "invalid_input",
    `"${cron}" in time zone "${timeZone}" is not a schedule: ${why}. Example: "0 2 * * *", "Europe/Berlin".`,
    { field: "cron" },
  );
}

/** Returns the due times that a schedule has to handle now; undefined if there are none, or it is paused. */
export function dueNow(
  schedule: Timer & Pick<Schedule, "createdAt" | "handledMs" | "paused">,
  nowMs: number,
): Due | undefined {
  if (schedule.paused !== undefined) return undefined;
  const handledMs = schedule.handledMs ?? Date.parse(schedule.createdAt);
  if (handledMs - nowMs > CLOCK_WRONG_MS) return { dueMs: nowMs, count: 0, isMissed: true };
  const [first = Infinity] = nextDueTimes(schedule, handledMs, 1);
  if (first > nowMs) return undefined;
  const passed = [first];
  let last = first;
  while (passed.length < MOST_COUNTED) {
    const [next = Infinity] = nextDueTimes(schedule, last, 1);
    if (next > nowMs) break;
    passed.push(next);
    last = next;
  }
  const dueMs = passed.length < MOST_COUNTED ? last : latestDueTime(schedule, nowMs);
  return { dueMs, count: passed.length, isMissed: nowMs - dueMs > MISSED_AFTER_MS };
}

/** Returns the latest due time up to now. */
function latestDueTime(timer: Timer, nowMs: number): number {
  // Due times are whole seconds, and the search excludes its start.
  const [latest] = parse(timer).previousRuns(1, new Date(nowMs + 1_000));
  return latest === undefined || latest.getTime() > nowMs ? nowMs : latest.getTime();
}
