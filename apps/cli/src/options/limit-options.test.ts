import { Command } from "commander";
import { expect, it } from "vitest";
import { addLimitOptions, parseDeadline, readLimits, type LimitOptions } from "./limit-options.ts";
import { machineTimeZone } from "../text/machine-time.ts";

const NOW = new Date("2026-11-21T12:00:00.000Z");

function limits(line: string) {
  const command = addLimitOptions(new Command()).parse(line.split(" "), { from: "user" });
  return readLimits(command.opts<LimitOptions>());
}

it("maps the options to a submission's fields", () => {
  expect(limits("--confirm --pilot 5 --max-cost 12.50")).toEqual({ confirm: true, pilot: 5, maxCostUsd: 12.5 });
  expect(limits("--breaker 50")).toEqual({ breaker: { failurePercent: 50 } });
  expect(limits("--breaker 0 --breaker-after 20")).toEqual({ breaker: { failurePercent: 0, minimum: 20 } });
  expect(limits("--no-breaker")).toEqual({ breaker: false });
  expect(readLimits({})).toEqual({});
});

it("reads hours in the given time zone, by either name of the option, or in this machine's", () => {
  const between = "22:00-06:00";
  expect(limits(`--between ${between} --tz Europe/Berlin`)).toEqual({ between, timeZone: "Europe/Berlin" });
  expect(limits(`--between ${between} --time-zone UTC`)).toEqual({ between, timeZone: "UTC" });
  expect(limits(`--between ${between}`)).toEqual({ between, timeZone: machineTimeZone() });
});

it("accepts a deadline as a time or a duration from now", () => {
  expect(parseDeadline("8h", NOW)).toBe("2026-11-21T20:00:00.000Z");
  expect(parseDeadline("30m", NOW)).toBe("2026-11-21T12:30:00.000Z");
  expect(parseDeadline("2026-11-28T18:00:00+01:00", NOW)).toBe("2026-11-28T18:00:00+01:00");
});

it.each(["2026-11-28", "2026-11-28T18:00:00", "friday", "8", "", "999999999y"])("%j is not a deadline", (text) => {
  expect(() => parseDeadline(text, NOW)).toThrow(/like 8h/);
});

it("accepts a fallback as a provider or a lane, after ten minutes by default", () => {
  expect(limits("--fallback phota --fallback-after 1h")).toEqual({ fallback: { provider: "phota", afterMinutes: 60 } });
  expect(limits("--fallback studio-b")).toEqual({ fallback: { lane: "studio-b", afterMinutes: 10 } });
  expect(() => limits("--fallback-after 1h")).toThrow(/name one/);
});

it("rejects a deadline that has passed", () => {
  expect(() => parseDeadline("2026-11-21T12:59:59+01:00", NOW)).toThrow(/passed/);
});
