/** The zone of this machine's clock, as an IANA name. */
export function machineTimeZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/**
 * A moment for people, on the clock of this machine: "21 Nov 2026, 22:00 (Europe/Berlin)".
 *
 * @param iso ISO 8601
 */
export function momentText(iso: string, timeZone = machineTimeZone()): string {
  const format = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short", timeZone });
  return `${format.format(Date.parse(iso))} (${timeZone})`;
}
