import { EMPTY_RECEIPT, type Turn } from "@darkroom/core";
import { expect, test } from "vitest";
import { needsCall } from "./early-pass.ts";

const sent: Turn = { intentAt: 1, generation: 0 };
const seen: Turn = { ...sent, outputUrl: "https://cdn.test/a.jpg", outputAt: 2 };
const done: Turn = { ...seen, finished: true };

test.each<[string, readonly Turn[], number, boolean]>([
  ["was never called for", [], 1, true],
  ["has its picture", [done], 1, false],
  ["has a picture that a newer one may follow", [seen], 1, false],
  ["was sent, and its answer is not known", [sent], 1, false],
  ["has its first step", [done], 2, true],
  ["has its first step, and perhaps a newer one", [seen], 2, false],
  ["has its first step, and an unknown second one", [done, sent], 3, false],
  ["has every step but the last", [done, done], 3, true],
])("a portrait that %s", (_, turns, steps, needs) => {
  expect(needsCall({ ...EMPTY_RECEIPT, turns }, steps)).toBe(needs);
});
