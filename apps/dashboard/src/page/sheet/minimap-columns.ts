import type { StatesMap } from "./states-map.ts";

/** The number of portraits in each state in one column of the minimap. */
export interface MinimapColumn {
  /** Counts, indexed by the state's code. */
  readonly counts: readonly number[];
  readonly first: number;
  readonly end: number;
}

/** Divides all portraits into at most `columns` groups of adjacent portraits. */
export function minimapOf(states: StatesMap, columns: number): readonly MinimapColumn[] {
  const count = Math.min(columns, states.length);
  return Array.from({ length: count }, (_, column) => {
    const first = Math.floor((column * states.length) / count);
    const end = Math.floor(((column + 1) * states.length) / count);
    const counts = Array.from({ length: 8 }, () => 0);
    for (let index = first; index < end; index++) {
      const code = states.codeAt(index);
      counts[code] = (counts[code] ?? 0) + 1;
    }
    return { counts, first, end };
  });
}
