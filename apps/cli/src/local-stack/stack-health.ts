import { repeat } from "./repeat.ts";

/** Interval between checks. A restarting Redis is ready before the second check. */
const LOOK_EVERY_MS = 3_000;
/** Number of consecutive identical checks before a problem is reported. */
const SURE_AFTER = 2;

/**
 * Reports at a stack's terminal when the stack cannot work, and when it works again.
 *
 * @param faultNow returns why the stack cannot work now; undefined if it can work
 * @returns a function that stops the checks
 */
export function tellHealth(
  faultNow: () => Promise<string | undefined>,
  tell: (text: string) => void,
  everyMs = LOOK_EVERY_MS,
): () => void {
  let faults = 0;
  return repeat(async (isStopped) => {
    const fault = await faultNow();
    if (isStopped()) return;
    if (fault === undefined) {
      if (faults >= SURE_AFTER) tell("Work continues.");
      faults = 0;
    } else {
      faults += 1;
      if (faults === SURE_AFTER) tell(`No work is being done: ${fault}`);
    }
  }, everyMs);
}
