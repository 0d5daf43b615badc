import ms, { type StringValue } from "ms";

/**
 * Parses a duration with its unit: `30s`, `45m`, `8h`, `2d`, `500ms`.
 *
 * @returns whole ms; undefined for anything else, including a number without a unit
 */
export function parseDurationMs(text: string): number | undefined {
  const trimmed = text.trim();
  if (!/^[\d.]+ ?[a-z]+$/i.test(trimmed)) return undefined;
  const value = ms(trimmed as StringValue) as number | undefined;
  return value === undefined || !(value > 0) ? undefined : Math.round(value);
}
