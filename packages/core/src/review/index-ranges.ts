/** Formats sorted indexes as ranges: `0-99,105`. */
export function rangesOf(indexes: readonly number[]): string {
  const ranges: string[] = [];
  for (let at = 0; at < indexes.length;) {
    const first = indexes[at] ?? 0;
    let last = first;
    while (indexes[at + 1] === last + 1) {
      at += 1;
      last += 1;
    }
    at += 1;
    ranges.push(first === last ? String(first) : `${first}-${last}`);
  }
  return ranges.join(",");
}

/** Parses the text of {@link rangesOf}. */
export function indexesIn(ranges: string): readonly number[] {
  if (ranges === "") return [];
  return ranges.split(",").flatMap((range) => {
    const [first = 0, last = first] = range.split("-").map(Number);
    return Array.from({ length: last - first + 1 }, (_, offset) => first + offset);
  });
}

/** True if a text of {@link rangesOf} contains this index. */
export function isInRanges(ranges: string, index: number): boolean {
  if (ranges === "") return false;
  return ranges.split(",").some((range) => {
    const [first = NaN, last = first] = range.split("-").map(Number);
    return first <= index && index <= last;
  });
}
