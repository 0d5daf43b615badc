/** Minimum length of an abbreviation, because a shorter prefix could belong to another word. */
const LEAST_PREFIX_CHARS = 4;

/**
 * Returns the known name that an unknown name probably means: one with a few typos, or the only known name with this
 * prefix. Ignores case, spaces, dashes and underscores. The first letters must match, because they are rarely mistyped,
 * and because short words that differ in them are different words (`code` is not `mode`).
 */
export function probablyMeant(name: string, known: Iterable<string>): string | undefined {
  const wanted = foldedName(name);
  const alike = [...new Set(known)].filter((other) => wanted !== "" && foldedName(other)[0] === wanted[0]);
  const [nearest] = alike
    .map((other) => ({ other, typos: typosBetween(wanted, foldedName(other)) }))
    .filter(({ other, typos }) => typos <= mostTypos(foldedName(other)))
    .sort((a, b) => a.typos - b.typos);
  if (nearest !== undefined) return nearest.other;
  if (wanted.length < LEAST_PREFIX_CHARS) return undefined;
  const [only, ...more] = alike.filter((other) => foldedName(other).startsWith(wanted));
  return more.length === 0 ? only : undefined;
}

/** Normalizes a name: `Profile IDs`, `profile_ids` and `profileIds` are the same. */
function foldedName(name: string): string {
  return name
    .trim()
    .toLowerCase()
    .replaceAll(/[\s_-]+/g, "");
}

/** Returns the number of typos up to which two names may be the same. */
function mostTypos({ length }: string): number {
  if (length <= 3) return 1;
  return length <= 8 ? 2 : 3;
}

/** Counts the letters omitted, inserted, replaced or swapped with their neighbour (optimal string alignment). */
export function typosBetween(a: string, b: string): number {
  let before: readonly number[] = [];
  let last: readonly number[] = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const isSame = a[i - 1] === b[j - 1];
      const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const edited = Math.min(at(last, j) + 1, at(row, j - 1) + 1, at(last, j - 1) + (isSame ? 0 : 1));
      row.push(isSwapped ? Math.min(edited, at(before, j - 2) + 1) : edited);
    }
    [before, last] = [last, row];
  }
  return at(last, b.length);
}

function at(row: readonly number[], j: number): number {
  return row[j] ?? Infinity;
}
