import { EMPTY_RECEIPT, type Call } from "@darkroom/core";
import { expect, test } from "vitest";
import { needsCall } from "./early-pass.ts";

const sent: Call = { step: 0, at: 1, generation: 0, status: "intended" };
const seen: Call = { ...sent, status: "answered", outputs: { urls: ["https://cdn.test/a.jpg"], at: 2 } };
const done: Call = { ...seen, outputs: { urls: ["https://cdn.test/a.jpg"], at: 2, finished: true } };

test.each<[string, readonly Call[], number, boolean]>([
  ["has no call", [], 1, true],
  ["has its picture", [done], 1, false],
  ["has a picture that a newer one may replace", [seen], 1, false],
  ["was sent, and its answer is not known", [sent], 1, false],
  ["has its first step", [done], 2, true],
  ["has its first step, and perhaps a newer one", [seen], 2, false],
  ["has its first step, and an unknown second one", [done, sent], 3, false],
  ["has every step but the last", [done, done], 3, true],
])("a portrait that %s", (_, made, steps, needs) => {
  const calls = made.map((call, step) => ({ ...call, step }));
  expect(needsCall({ ...EMPTY_RECEIPT, calls }, steps)).toBe(needs);
});
