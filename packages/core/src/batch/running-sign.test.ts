import { describe, expect, it, test } from "vitest";
import { parseRunningSign, runningSignText, runsElsewhere, SIGN_EVERY_MS, SIGN_LASTS_MS } from "./running-sign.ts";

const NOW = Date.parse("2026-11-30T12:00:00Z");
const by = (who: string, agoMs: number) => ({ at: NOW - agoMs, by: [`${who} run`, `${who} data`] });
const OURS = by("ours", 0).by;

describe("a batch that this Redis does not know", () => {
  it.each([
    ["has left no sign", undefined, undefined],
    ["was just run by this Redis, which has lost it", by("ours", 10), undefined],
    ["was run by this Redis, which was emptied since", { at: NOW, by: ["ours run", "older data"] }, undefined],
    ["was run by this Redis, which was restarted since", { at: NOW, by: ["older run", "ours data"] }, undefined],
    ["is run by another one", by("theirs", 10), 10],
    ["is run by another one whose last sign is late", by("theirs", 2 * SIGN_EVERY_MS), 2 * SIGN_EVERY_MS],
    ["was run by another one long ago", by("theirs", SIGN_LASTS_MS), undefined],
    ["is run by another one whose clock is ahead", by("theirs", -5_000), 0],
  ] as const)("%s", (_, sign, agoMs) => {
    expect(runsElsewhere(sign, OURS, NOW)).toBe(agoMs);
  });
});

test("a sign is parsed as written, and other text is ignored", () => {
  expect(parseRunningSign(runningSignText(by("theirs", 0)))).toEqual(by("theirs", 0));
  for (const text of ["", "{", "[]", '"x"', "{}", '{"at":"soon","by":["x"]}', '{"at":"2026-11-30","by":1}']) {
    expect(parseRunningSign(text)).toBeUndefined();
  }
});
