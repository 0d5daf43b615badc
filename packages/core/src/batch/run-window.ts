import { z } from "zod";

const HOURS = /^([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)$/;
const DAY_MINUTES = 1_440;
/**
 * Upper bound for the time until the next opening. Clock changes move time by at most three hours, and a window that
 * lies completely within skipped hours does not open that day.
 */
const SEARCH_MINUTES = 2 * DAY_MINUTES + 180;
const MINUTE_MS = 60_000;

/** The hours of the day in which new portraits may start, in a time zone. */
export interface RunWindow {
  /** "22:00-06:00"; may cross midnight. */
  readonly hours: string;
  /** IANA name. */
  readonly timeZone: string;
}

export const runWindowSchema = z.strictObject({
  hours: z.string().refine(isHours, { error: 'must be hours like "22:00-06:00", with different start and end' }),
  timeZone: z.string().refine(isTimeZone, { error: 'must be an IANA time zone name, like "Europe/Berlin"' }),
}) satisfies z.ZodType<RunWindow>;

/** True for hours such as "22:00-06:00". The end may be "24:00". */
export function isHours(text: string): boolean {
  const parts = parseHours(text);
  return parts !== undefined && parts.from !== parts.to;
}

export function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat("en-GB", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}

function parseHours(text: string): { readonly from: number; readonly to: number } | undefined {
  const [, fromHour, fromMinute, toHour, toMinute] = HOURS.exec(text) ?? [];
  if (fromHour === undefined) return undefined;
  const to = Number(toHour) * 60 + Number(toMinute);
  return to > DAY_MINUTES ? undefined : { from: Number(fromHour) * 60 + Number(fromMinute), to };
}

const formats = new Map<string, Intl.DateTimeFormat>();

function minuteOfDay(atMs: number, timeZone: string): number {
  const kept = formats.get(timeZone);
  const format =
    kept ?? new Intl.DateTimeFormat("en-GB", { timeZone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  formats.set(timeZone, format);
  const [hour, minute] = format.format(atMs).split(":").map(Number);
  return (hour ?? 0) * 60 + (minute ?? 0);
}

/** True if new portraits may start at `atMs` (epoch ms). */
export function isOpen({ hours, timeZone }: RunWindow, atMs: number): boolean {
  const parts = parseHours(hours);
  if (parts === undefined) return true;
  const minute = minuteOfDay(atMs, timeZone);
  const { from, to } = parts;
  return from < to ? minute >= from && minute < to : minute >= from || minute < to;
}

/** Returns when a closed window next opens (epoch ms, a whole minute); `atMs` itself while it is open. */
export function nextOpening(window: RunWindow, atMs: number): number {
  if (isOpen(window, atMs)) return atMs;
  const start = Math.floor(atMs / MINUTE_MS) * MINUTE_MS;
  for (let minutes = 1; minutes <= SEARCH_MINUTES; minutes += 1) {
    if (isOpen(window, start + minutes * MINUTE_MS)) return start + minutes * MINUTE_MS;
  }
  return atMs;
}
