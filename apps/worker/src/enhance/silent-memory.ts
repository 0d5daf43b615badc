/** A provider's memory that did not answer what became of a call. */
export interface SilentMemory {
  /** Since the call was made. */
  readonly sinceMs: number;
  readonly deadlineMs: number;
  /** No connection could be made: that says nothing of the memory. */
  readonly unreached: boolean;
  /** The batch pays for nothing at present: there is no other call to go on with. */
  readonly asksOnly: boolean;
  /** The whole lane rests: that the memory is silent is no failure of this portrait. */
  readonly laneRests: boolean;
}

/**
 * Whether a call is given up whose answer a silent memory may have: it counts as a failed attempt then, and as what may have
 * been paid. Two deadlines are waited for at least. Asking costs nothing, so a portrait that could not be called again anyway
 * is asked for on and on, ever after less often.
 */
export function silentMemory(silent: SilentMemory): "give-up" | "ask-soon" | "ask-later" {
  const { sinceMs, deadlineMs, unreached, asksOnly, laneRests } = silent;
  if (unreached || sinceMs < 2 * deadlineMs) return "ask-soon";
  if (asksOnly) return "ask-later";
  return laneRests ? "ask-soon" : "give-up";
}
