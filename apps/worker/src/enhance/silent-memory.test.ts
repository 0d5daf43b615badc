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
  ["while its lane rests", { laneRests: true }, "ask-soon"],
  ["while the batch pays for nothing", { asksOnly: true }, "ask-later"],
  ["for less, while the batch pays for nothing", { asksOnly: true, sinceMs: 1_999 }, "ask-soon"],
  ["while neither lane nor batch goes on", { asksOnly: true, laneRests: true }, "ask-later"],
])("a memory that is silent %s", (_, more, what) => {
  expect(silentMemory({ ...silent, ...more })).toBe(what);
});
