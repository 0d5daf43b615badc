import { followsFailure, OUTCOMES, type Outcome, type PutOff } from "@darkroom/core";
import type { Logger } from "@darkroom/runtime";

/** The portrait that a log line is about. */
export interface LoggedPortrait {
  readonly batch: string;
  readonly portrait: number;
  readonly lane: string;
}

/** Logs a delayed portrait: at info after a failure, at debug when the portrait waits for its turn or a limit. */
export function logPutOff(log: Pick<Logger, "info" | "debug">, which: LoggedPortrait, wait: PutOff): void {
  const { reason, delayMs, message } = wait;
  const level = followsFailure(reason) ? "info" : "debug";
  log[level]({ ...which, reason, delayMs, ...(message === undefined ? {} : { cause: message }) }, "portrait put off");
}

/** Logs how a portrait ended: failures at info, other outcomes at debug, so that large batches log little. */
export function logEnd(log: Pick<Logger, "info" | "debug">, which: LoggedPortrait, outcome: Outcome): void {
  const { code, message, billed, attempts } = outcome;
  const level = OUTCOMES[code].state === "failed" ? "info" : "debug";
  log[level](
    { ...which, outcome: code, billed, attempts, ...(message === "" ? {} : { cause: message }) },
    `portrait ${OUTCOMES[code].state}`,
  );
}
