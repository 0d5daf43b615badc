/** A table of docs/scale.md and of the JSON results. */
export interface Table {
  /** Name of its marker in docs/scale.md, and of its file. */
  readonly name: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
}

/** Formats numbers for readers: three significant digits, thousands separated by commas. */
export function shown(value: number): string {
  if (!Number.isFinite(value)) return "–";
  if (value === 0) return "0";
  const size = Math.abs(value);
  const digits = size >= 100 ? 0 : size >= 10 ? 1 : 2;
  return value.toLocaleString("en-US", { minimumFractionDigits: 0, maximumFractionDigits: digits });
}

export function percent(share: number): string {
  return `${shown(share * 100)} %`;
}
