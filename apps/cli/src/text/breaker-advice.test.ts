import { expect, it } from "vitest";
import { breakerAdvice } from "./breaker-advice.ts";

const advice = (code: string): string =>
  breakerAdvice({ id: "b1", reason: `the failure breaker: 5 of the last 12 portraits failed with ${code}` });

it.each(["provider_error", "timeout", "answer_lost"])(
  "advises for %s to wait for the provider, and no other recipe",
  (code) => {
    expect(advice(code)).toContain("Once it works again");
    expect(advice(code)).toContain(`darkroom retry b1 --code ${code}`);
    expect(advice(code)).not.toContain("--prompt");
  },
);

it.each(["no_output", "unchanged_output", "content_policy"])("advises for %s that other words may help", (code) => {
  expect(advice(code)).toContain(`darkroom retry b1 --code ${code} --prompt "…"`);
});

it.each(["invalid_image", "no_face", "too_small"])("does not suggest another recipe for %s", (code) => {
  expect(advice(code)).toContain("not the recipe");
  expect(advice(code)).not.toContain("retry");
});

it.each(["storage_error", "source_unreadable"])("advises for %s to fix the location first", (code) => {
  expect(advice(code)).toContain("Fix that first");
});

it("adds only the way to continue to a reason that says what to do", () => {
  const reason = "the failure breaker: 25 workers died; look at their memory and logs, then resume";
  expect(breakerAdvice({ id: "b1", reason })).toBe("darkroom resume b1 continues with the rest.");
});
