import { followsFailure, OUTCOMES, type Outcome, type PutOff } from "@darkroom/core";
import type { Logger } from "@darkroom/runtime";

/** Which portrait a line is about. */
export interface LoggedPortrait {
  readonly batch: string;
  readonly portrait: number;
  readonly lane: string;
}

/** Logs that a portrait was put off: after a failure at level info, with what failed; for its turn or a limit at debug. */
export function logPutOff(log: Pick<Logger, "info" | "debug">, which: LoggedPortrait, wait: PutOff): void {
  const { reason, delayMs, message } = wait;
  const level = followsFailure(reason) ? "info" : "debug";
  log[level]({ ...which, reason, delayMs, ...(message === undefined ? {} : { cause: message }) }, "portrait put off");
}

/** Logs how a portrait ended: a failure at level info, so that the log of a large batch stays small. */
export function logEnd(log: Pick<Logger, "info" | "debug">, which: LoggedPortrait, outcome: Outcome): void {
  const { code, message, billed, attempts } = outcome;
  const level = OUTCOMES[code].state === "failed" ? "info" : "debug";
  log[level](
    { ...which, outcome: code, billed, attempts, ...(message === "" ? {} : { cause: message }) },
    `portrait ${OUTCOMES[code].state}`,
  );
}
