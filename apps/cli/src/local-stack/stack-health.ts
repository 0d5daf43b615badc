/** Between two looks. A Redis that is started again serves before the second one. */
const LOOK_EVERY_MS = 3_000;
/** So many looks find the same before it is told. */
const SURE_AFTER = 2;

/**
 * Tells a person who looks at the terminal of a stack that it does no work, and once that it does again.
 *
 * @param faultNow why it cannot work at present; undefined where it can
 * @returns what ends the looking
 */
export function tellHealth(
  faultNow: () => Promise<string | undefined>,
  tell: (text: string) => void,
  everyMs = LOOK_EVERY_MS,
): () => void {
  let faults = 0;
  let stopped = false;
  let timer: NodeJS.Timeout;
  const look = async (): Promise<void> => {
    const fault = await faultNow();
    if (stopped) return;
    if (fault === undefined) {
      if (faults >= SURE_AFTER) tell("The work goes on again.");
      faults = 0;
    } else {
      faults += 1;
      if (faults === SURE_AFTER) tell(`No work is done at present: ${fault}`);
    }
    next();
  };
  const next = (): void => {
    timer = setTimeout(() => void look(), everyMs);
    timer.unref();
  };
  next();
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}
