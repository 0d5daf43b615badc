import { describe, expect, it } from "vitest";
import { MAX_RETRY_AFTER_MS, parseResetMs, parseRetryAfterMs } from "./retry-after.ts";

const NOW_MS = Date.parse("2026-11-21T12:00:00Z");

describe("parseRetryAfterMs", () => {
  it.each([
    ["120", 120_000],
    [" 1.5 ", 1_500],
    ["30s", 30_000],
    [7, 7_000],
    [["3", "9"], 3_000],
    ["0", 0],
    ["-5", 0],
    ["Sat, 21 Nov 2026 12:00:42 GMT", 42_000],
    ["Saturday, 21-Nov-26 12:00:42 GMT", 42_000],
    ["Sat, 21 Nov 2026 11:00:00 GMT", 0],
    ["999999999", MAX_RETRY_AFTER_MS],
  ])("reads %j as %d ms", (value, expected) => {
    expect(parseRetryAfterMs(value, NOW_MS)).toBe(expected);
  });

  it.each<{ value: unknown }>([
    { value: "" },
    { value: "soon" },
    { value: "12:30" },
    { value: undefined },
    { value: null },
    { value: {} },
    { value: Number.NaN },
  ])("rejects $value", ({ value }) => {
    expect(parseRetryAfterMs(value, NOW_MS)).toBeUndefined();
  });
});

describe("parseResetMs", () => {
  it.each([
    [String(NOW_MS / 1_000 + 20), 20_000],
    [NOW_MS + 20_000, 20_000],
    ["20", 20_000],
    [NOW_MS / 1_000 - 20, 0],
  ])("reads a reset at %j as %d ms", (value, expected) => {
    expect(parseResetMs(value, NOW_MS)).toBe(expected);
  });

  it("rejects text", () => {
    expect(parseResetMs("later", NOW_MS)).toBeUndefined();
    expect(parseResetMs("", NOW_MS)).toBeUndefined();
  });
});
