/** Upper limit for any provider's delay, because a lane that waits for a year would be forgotten. */
export const MAX_RETRY_AFTER_MS = 86_400_000;

const SECONDS = /^[+-]?\d+(?:\.\d+)?\s*s?$/i;

function bounded(ms: number): number {
  return Math.min(Math.max(0, Math.ceil(ms)), MAX_RETRY_AFTER_MS);
}

/**
 * Parses a delay in seconds (whole or not) or an HTTP date (RFC 9110, section 10.2.3), from a header or from JSON.
 *
 * @param nowMs the clock, epoch milliseconds
 * @returns milliseconds from now, 0 for a past time, or undefined when the value is unusable
 */
export function parseRetryAfterMs(value: unknown, nowMs: number): number | undefined {
  if (Array.isArray(value)) return parseRetryAfterMs(value[0], nowMs);
  if (typeof value === "number") return Number.isFinite(value) ? bounded(value * 1_000) : undefined;
  if (typeof value !== "string") return undefined;
  const text = value.trim();
  if (SECONDS.test(text)) return bounded(Number.parseFloat(text) * 1_000);
  // Date.parse reads bare numbers as years. An HTTP date always contains the name of its day or month.
  if (!/[a-z]/i.test(text)) return undefined;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : bounded(at - nowMs);
}

/** Smallest value that is read as epoch seconds. A smaller value is a number of seconds from now. */
const EPOCH_SECONDS_FROM = 1_000_000_000;
const EPOCH_MS_FROM = 1_000_000_000_000;

/** Parses the time of a reset as a delay: epoch seconds, epoch milliseconds or seconds from now. */
export function parseResetMs(value: unknown, nowMs: number): number | undefined {
  const raw = Array.isArray(value) ? value[0] : value;
  const reset = typeof raw === "number" ? raw : typeof raw === "string" && raw.trim() !== "" ? Number(raw) : Number.NaN;
  if (!Number.isFinite(reset)) return undefined;
  if (reset >= EPOCH_MS_FROM) return bounded(reset - nowMs);
  if (reset >= EPOCH_SECONDS_FROM) return bounded(reset * 1_000 - nowMs);
  return bounded(reset * 1_000);
}
