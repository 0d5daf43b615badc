import { InvalidArgumentError, Option, type Command } from "commander";
import {
  breakerSchema,
  controlSchema,
  fallbackSchema,
  MAX_PILOT,
  PROVIDERS,
  submissionSchema,
  type Submission,
} from "@darkroom/core";
import { checkedValue, toNumber } from "./checked-value.ts";
import { parseDurationMs } from "./duration.ts";
import { CommandError, EXIT } from "../exit-codes.ts";
import { machineTimeZone } from "../text/machine-time.ts";

/** Options that limit costs and times. */
export interface LimitOptions {
  readonly confirm?: boolean;
  readonly pilot?: number;
  readonly maxCost?: number;
  /** Percentage; false disables the breaker. */
  readonly breaker?: number | false;
  readonly breakerAfter?: number;
  readonly between?: string;
  readonly timeZone?: string;
  /** ISO 8601 with an offset. */
  readonly deadline?: string;
  /** A lane or a provider. */
  readonly fallback?: string;
  /** Minutes. */
  readonly fallbackAfter?: number;
}

/** The limits in a submission. */
export type Limits = Pick<
  Submission,
  "confirm" | "pilot" | "maxCostUsd" | "breaker" | "between" | "timeZone" | "deadline" | "fallback"
>;

const { shape: control } = controlSchema;
/** Default time that a lane must be blocked before the fallback takes over. */
const FALLBACK_AFTER_MINUTES = 10;
const MINUTE_MS = 60_000;
const TIME_ZONE = "--tz, --time-zone <zone>";

/** Adds the limits of a batch that is submitted once. */
export function addLimitOptions(command: Command): Command {
  return addCommonLimits(command)
    .addOption(timeZoneOption("time zone of the hours: Europe/Berlin; defaults to this machine's"))
    .addOption(
      inGroup(
        new Option("--deadline <when>", "start no portrait after this time: 8h from now, or 2026-11-28T18:00:00+01:00"),
      ) //
        .argParser((text) => parseDeadline(text, new Date())),
    );
}

/** Adds the limits of a schedule's batches: all except the deadline, which is a single point in time. */
export function addScheduleLimitOptions(command: Command): Command {
  return addCommonLimits(command).addOption(
    timeZoneOption("time zone of the pattern and of the hours: Europe/Berlin; defaults to this machine's"),
  );
}

function addCommonLimits(command: Command): Command {
  const options: readonly Option[] = [
    new Option("--confirm", "start nothing until you confirm it (darkroom confirm)"),
    new Option("--pilot <n>", `enhance this many portraits first, at most ${MAX_PILOT}, then wait for your approval`) //
      .argParser(checkedValue(control.pilot, toNumber)),
    maxCostOption("what the batch may cost; needs DARKROOM_PRICES"),
    new Option("--breaker <percent>", "pause when more than this share fails for the same cause") //
      .argParser(checkedValue(breakerSchema.shape.failurePercent, toNumber)),
    new Option("--breaker-after <n>", "portraits that must have ended before it may pause") //
      .argParser(checkedValue(breakerSchema.shape.minimum, toNumber)),
    new Option("--no-breaker", "never pause because of failures"),
    new Option("--between <hours>", "start portraits only within these hours: 22:00-06:00") //
      .argParser(checkedValue(submissionSchema.shape.between, String)),
    new Option("--fallback <lane>", "another lane or provider that takes over when the batch's own stays blocked"),
    new Option(
      "--fallback-after <time>",
      `how long it must be blocked: 30m, 2h; defaults to ${FALLBACK_AFTER_MINUTES}m`,
    ) //
      .argParser(parseFallbackAfter),
  ];
  for (const option of options) command.addOption(inGroup(option));
  return command;
}

/** Creates `--max-cost`, also for `darkroom resume`. */
export function maxCostOption(description: string): Option {
  return new Option("--max-cost <usd>", description).argParser(checkedValue(control.maxCostUsd, toNumber));
}

function timeZoneOption(description: string): Option {
  return inGroup(new Option(TIME_ZONE, description)) //
    .argParser(checkedValue(submissionSchema.shape.timeZone, String));
}

function inGroup(option: Option): Option {
  return option.helpGroup("Limits:");
}

/**
 * Parses a deadline: a time, or a duration from now.
 *
 * @returns ISO 8601 with an offset
 * @throws InvalidArgumentError for text that is neither a time nor a duration, and for a time in the past
 */
export function parseDeadline(text: string, now: Date): string {
  const fromNowMs = parseDurationMs(text);
  const inTime = fromNowMs === undefined ? text.trim() : isoOf(now.getTime() + fromNowMs);
  const parsed = control.deadline.safeParse(inTime);
  if (!parsed.success || parsed.data === undefined) {
    throw new InvalidArgumentError(
      "It must be a time from now, like 8h or 30m, or a moment with its offset, like 2026-11-28T18:00:00+01:00.",
    );
  }
  if (Date.parse(parsed.data) <= now.getTime()) throw new InvalidArgumentError("It has passed.");
  return parsed.data;
}

/**
 * @returns minutes
 * @throws InvalidArgumentError for an invalid duration, or one that is too long or too short
 */
function parseFallbackAfter(text: string): number {
  const ms = parseDurationMs(text);
  const parsed = fallbackSchema.shape.afterMinutes.safeParse(ms === undefined ? undefined : ms / MINUTE_MS);
  if (parsed.success) return parsed.data;
  throw new InvalidArgumentError("It must be a duration like 10m or 2h, at most a week.");
}

/** Returns undefined beyond the range of dates. */
function isoOf(epochMs: number): string | undefined {
  const date = new Date(epochMs);
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
}

/**
 * Reads the limits from the options.
 *
 * @throws CommandError with exit code 2, naming the invalid option
 */
export function readLimits(options: LimitOptions): Limits {
  const { confirm, pilot, maxCost, breaker, breakerAfter, between, timeZone, deadline } = options;
  if (breaker === false && breakerAfter !== undefined) {
    throw new CommandError(
      EXIT.usage,
      "--breaker-after and --no-breaker exclude each other: the first sets when the breaker may pause, the second disables it.",
    );
  }
  const { fallback, fallbackAfter } = options;
  if (fallback === undefined && fallbackAfter !== undefined) {
    throw new CommandError(EXIT.usage, "--fallback-after needs a fallback: name one, such as --fallback phota.");
  }
  const provider = PROVIDERS.find((name) => name === fallback);
  const wished =
    breaker === false
      ? false
      : {
          ...(breaker === undefined ? {} : { failurePercent: breaker }),
          ...(breakerAfter === undefined ? {} : { minimum: breakerAfter }),
        };
  return {
    ...(confirm === true ? { confirm } : {}),
    ...(pilot === undefined ? {} : { pilot }),
    ...(maxCost === undefined ? {} : { maxCostUsd: maxCost }),
    ...(breaker === undefined && breakerAfter === undefined ? {} : { breaker: wished }),
    ...(between === undefined ? {} : { between, timeZone: timeZone ?? machineTimeZone() }),
    ...(deadline === undefined ? {} : { deadline }),
    ...(fallback === undefined
      ? {}
      : {
          fallback: {
            ...(provider === undefined ? { lane: fallback } : { provider }),
            afterMinutes: fallbackAfter ?? FALLBACK_AFTER_MINUTES,
          },
        }),
  };
}

/**
 * Rejects a time zone without hours, because it would have no effect.
 *
 * @throws CommandError with exit code 2
 */
export function refuseLoneTimeZone({ between, timeZone }: LimitOptions): void {
  if (timeZone === undefined || between !== undefined) return;
  throw new CommandError(EXIT.usage, "--tz has no effect without hours: add them, --between 22:00-06:00.");
}
