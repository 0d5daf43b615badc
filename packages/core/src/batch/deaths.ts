/** How often a process died while processing a portrait. */
export interface Deaths {
  /** Deaths of workers that processed other portraits at the same time. */
  readonly all: number;
  /** Deaths of processes that ran only this portrait, which must be the cause. */
  readonly alone: number;
}

/**
 * Number of deaths from which a portrait is suspect. A suspect runs alone, in a process whose death does not affect the
 * worker.
 */
export const DEATHS_OF_SUSPECT = 2;
/** Number of deaths of isolated processes after which a portrait ends. */
const MOST_DEATHS_ALONE = 3;
/**
 * A portrait pauses its batch at each multiple of this number of deaths. Workers die in any mode of execution, so the
 * portrait is not the cause, and a user must investigate.
 */
export const DEATHS_THAT_PAUSE = 25;

/**
 * True if a portrait must run alone. A portrait that only ran at the same time as the culprit is also suspect, but ends
 * normally.
 */
export function isSuspect({ all, alone }: Deaths): boolean {
  return all >= DEATHS_OF_SUSPECT || alone > 0;
}

/** True if a portrait ends, instead of being retried, after a process that ran only this portrait died. */
export function endsAfterDeathAlone({ alone }: Pick<Deaths, "alone">): boolean {
  return alone >= MOST_DEATHS_ALONE;
}
