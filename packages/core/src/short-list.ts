/**
 * Formats a list of names, for example "a.jpg, b.jpg, c.jpg and 9 more". Never hides a single name that is known.
 *
 * @param names the first names, or all
 * @param count number of names in all
 * @param most names shown if more than one would be hidden
 */
export function shortList(names: readonly string[], count: number, most: number): string {
  const shown = names.slice(0, count === most + 1 ? count : most);
  const others = count - shown.length;
  return `${shown.join(", ")}${others > 0 ? ` and ${others} more` : ""}`;
}
