import { describe, expect, it } from "vitest";
import { isOpen, nextOpening } from "./run-window.ts";

const opensAt = (hours: string, timeZone: string, at: string): string =>
  new Date(nextOpening({ hours, timeZone }, Date.parse(at))).toISOString();

describe("the next opening of a run window", () => {
  it("is now while it is open, otherwise the first minute in which it opens", () => {
    const nights = { hours: "22:00-06:00", timeZone: "Europe/Berlin" };
    expect(isOpen(nights, Date.parse("2026-03-28T23:30:00Z"))).toBe(true);
    expect(opensAt("22:00-06:00", "Europe/Berlin", "2026-03-28T23:30:00Z")).toBe("2026-03-28T23:30:00.000Z");
    expect(opensAt("22:00-06:00", "Europe/Berlin", "2026-03-29T04:00:30Z")).toBe("2026-03-29T20:00:00.000Z");
  });

  it.each([
    ["Europe/Berlin", "02:00-03:00", "2026-03-28T02:30:00Z", "2026-03-30T00:00:00.000Z"],
    ["Australia/Lord_Howe", "02:00-02:30", "2026-10-03T02:00:00Z", "2026-10-04T15:00:00.000Z"],
  ])("is a day later in %s if clocks are put forward over %s", (timeZone, hours, at, expected) => {
    expect(opensAt(hours, timeZone, at)).toBe(expected);
  });
});
