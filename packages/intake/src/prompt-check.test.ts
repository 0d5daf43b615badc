import { expect, test } from "vitest";
import { resolveRecipe } from "@darkroom/core";
import { PromptCheck } from "./prompt-check.ts";

const BAD = "make the nose smaller";

function check(prompt: string, rows: readonly (string | undefined)[]): readonly string[] {
  const prompts = new PromptCheck(resolveRecipe({ mode: "eco", prompt }));
  for (const [index, own] of rows.entries()) {
    const row = { index, id: `p${index}`, source: "a.jpg", destination: "a.jpg" };
    prompts.add(own === undefined ? row : { ...row, prompt: own });
  }
  return prompts.warnings();
}

test("warns about the recipe's prompt once, and about a row's prompt with its position", () => {
  expect(check(BAD, [undefined, undefined])).toEqual([expect.stringMatching(/^The prompt seems/)]);
  expect(check("soft light", [undefined, BAD, BAD, "warm"])).toEqual([expect.stringMatching(/^Portrait 1 \(p1\): /)]);
});

test("names only a few of them", () => {
  const warnings = check(
    "soft light",
    Array.from({ length: 100 }, (_, i) => `${BAD} ${i}`),
  );
  expect(warnings).toHaveLength(6);
  expect(warnings.at(-1)).toMatch(/^95 more row prompts/);
});

test("checks at most ten thousand different prompts, and reports that limit", () => {
  const many = Array.from({ length: 10_000 }, (_, i) => `soft ${i}`);
  expect(check("soft light", [...many, many[0]])).toEqual([]);
  expect(check("soft light", [...many, BAD])).toEqual([expect.stringMatching(/first 10000 different row prompts/)]);
});
