import { expect, test } from "vitest";
import { OUTCOME_CODES, OUTCOMES } from "./outcome.ts";
import { isTerminal } from "../batch/portrait.ts";

test("every outcome ends a portrait and has a meaning", () => {
  expect(OUTCOME_CODES.length).toBeGreaterThan(20);
  for (const code of OUTCOME_CODES) {
    expect(code).toMatch(/^[a-z]+(_[a-z]+)*$/);
    expect(isTerminal(OUTCOMES[code].state)).toBe(true);
    expect(OUTCOMES[code].meaning).not.toBe("");
  }
});

test("a delivered portrait is never reopened", () => {
  const good = OUTCOME_CODES.filter((code) => ["succeeded", "skipped"].includes(OUTCOMES[code].state));
  expect(good).toEqual(["ok", "already_delivered", "kept"]);
  expect(good.map((code) => OUTCOMES[code].retryable)).toEqual([false, false, false]);
});

test("every cancelled portrait can be reopened", () => {
  const cancelled = OUTCOME_CODES.filter((code) => OUTCOMES[code].state === "cancelled");
  expect(cancelled.length).toBeGreaterThan(0);
  expect(cancelled.every((code) => OUTCOMES[code].retryable)).toBe(true);
});

test("only the photo, the row or the provider's refusal makes an outcome final", () => {
  const final = OUTCOME_CODES.filter((code) => OUTCOMES[code].state === "failed" && !OUTCOMES[code].retryable);
  expect(final.toSorted()).toEqual([
    "content_policy",
    "invalid_image",
    "invalid_request",
    "invalid_row",
    "no_face",
    "source_not_allowed",
    "too_large",
    "too_small",
    "unstorable_name",
    "unsupported_format",
    "worker_died",
  ]);
});
