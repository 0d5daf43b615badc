import { expect, test } from "vitest";
import { silentMemory, type SilentMemory } from "./silent-memory.ts";

const silent: SilentMemory = {
  sinceMs: 2_000,
  deadlineMs: 1_000,
  unreached: false,
  asksOnly: false,
  laneRests: false,
};

test.each<[string, Partial<SilentMemory>, ReturnType<typeof silentMemory>]>([
  ["for two deadlines", {}, "give-up"],
  ["for less", { sinceMs: 1_999 }, "ask-soon"],
  ["and cannot be reached", { unreached: true }, "ask-soon"],
  ["while its lane is blocked", { laneRests: true }, "ask-soon"],
  ["while the batch makes no calls", { asksOnly: true }, "ask-later"],
  ["for less, while the batch makes no calls", { asksOnly: true, sinceMs: 1_999 }, "ask-soon"],
  ["while neither lane nor batch continues", { asksOnly: true, laneRests: true }, "ask-later"],
])("a memory that is silent %s", (_, more, what) => {
  expect(silentMemory({ ...silent, ...more })).toBe(what);
});
