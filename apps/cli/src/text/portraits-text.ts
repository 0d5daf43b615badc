/** Formats a count: "1 portrait", "3 portraits". */
export function portraitsText(count: number): string {
  return `${count} ${count === 1 ? "portrait" : "portraits"}`;
}
