/** How often a process died while it was processing a portrait. */
export interface Deaths {
  /** Deaths of workers that processed other portraits, too. */
  readonly all: number;
  /** Deaths of processes that had only this portrait, which must be the cause. */
  readonly alone: number;
}

/** From this many deaths, a portrait is suspect: it runs alone, in a process whose death does not affect the worker. */
export const DEATHS_OF_SUSPECT = 2;
/** A portrait ends after this many deaths of processes that had it alone. */
const MOST_DEATHS_ALONE = 3;
/**
 * A portrait with this many deaths pauses its batch, and again after as many more: workers die however it is run, so it
 * is not the cause, and a person must investigate.
 */
export const DEATHS_THAT_PAUSE = 25;

/** True if a portrait must run alone. Portraits that ran beside it at a death are suspect too, and end normally. */
export function isSuspect({ all, alone }: Deaths): boolean {
  return all >= DEATHS_OF_SUSPECT || alone > 0;
}

/** True if a portrait ends, instead of being retried, after a process died with it alone. */
export function endsAfterDeathAlone({ alone }: Pick<Deaths, "alone">): boolean {
  return alone >= MOST_DEATHS_ALONE;
}
