/** Returns this machine's time zone as an IANA name. */
export function machineTimeZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/**
 * Formats a time in this machine's time zone: "21 Nov 2026, 22:00 (Europe/Berlin)".
 *
 * @param iso ISO 8601
 */
export function momentText(iso: string, timeZone = machineTimeZone()): string {
  const format = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short", timeZone });
  return `${format.format(Date.parse(iso))} (${timeZone})`;
}
