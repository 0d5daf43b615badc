import { expect, test } from "vitest";
import type { BatchState, PortraitState } from "@darkroom/core";
import { keepsResult } from "./result-owners.ts";

const running = { state: "running" as BatchState, cancelled: false };
const cancelled = { state: "finishing" as BatchState, cancelled: true };
const paused = { state: "paused" as BatchState, cancelled: false };

test.each<[string, PortraitState, typeof running | undefined, boolean, boolean]>([
  ["a running portrait keeps it", "running", running, false, true],
  ["one in flight of a cancelled batch keeps it", "running", cancelled, true, true],
  ["one that waits and has a call keeps it", "retrying", running, true, true],
  ["one of a paused batch with a call keeps it", "pending", paused, true, true],
  ["one that waits without a call does not", "retrying", running, false, false],
  ["nor one that was queued", "queued", running, false, false],
  ["an unstarted one of a cancelled batch does not", "pending", cancelled, true, false],
  ["one that has ended does not", "succeeded", running, true, false],
  ["one that has failed does not", "failed", running, true, false],
  ["one of a forgotten batch does not", "running", undefined, true, false],
  [
    "one of a batch that has ended does not",
    "running",
    { state: "completed" as BatchState, cancelled: false },
    true,
    false,
  ],
])("%s", (_, portrait, batch, wasCalled, keeps) => {
  expect(keepsResult({ batch, portrait, wasCalled })).toBe(keeps);
});
