/** How often a process died while it had a portrait in hand. */
export interface Deaths {
  /** Workers that died with it among others. */
  readonly all: number;
  /** Processes that died with it alone: nothing else can have been the cause. */
  readonly alone: number;
}

/** From so many deaths on a portrait is a suspect: it runs alone, in a process that can die without the worker. */
export const DEATHS_OF_SUSPECT = 2;
/** A portrait at which so many processes died that had it alone ends. */
const MOST_DEATHS_ALONE = 3;
/**
 * A portrait with so many deaths pauses its batch, and with as many more again: workers die however it is run, so that it is
 * no portrait's doing, and a person has to look.
 */
export const DEATHS_THAT_PAUSE = 25;

/** Whether a portrait is run alone. Its neighbours at a death are suspects too, and end as they would anywhere. */
export function isSuspect({ all, alone }: Deaths): boolean {
  return all >= DEATHS_OF_SUSPECT || alone > 0;
}

/** Whether a portrait ends after a process has died with it alone, rather than to be tried once more. */
export function endsAfterDeathAlone({ alone }: Pick<Deaths, "alone">): boolean {
  return alone >= MOST_DEATHS_ALONE;
}
