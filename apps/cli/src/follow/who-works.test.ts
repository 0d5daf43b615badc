import { expect, it } from "vitest";
import { testStatus } from "../test-kit/test-status.ts";
import { whoEnds, whoGoesOn } from "./who-works.ts";

const MISSING = {
  missing: ["producer", "worker"],
  lacks: [],
  since: null,
  message: "there is no producer, and no worker for its lane twin",
} as const;
const ATTENDED = testStatus({ running: 1 });
const UNATTENDED = testStatus({ pending: 1 }, { unattended: MISSING });
const ENDED = testStatus({ cancelled: 1 }, { state: "cancelled" });

it.each([
  ["another command that works on it", ATTENDED, "own", "The command that works on it continues. See it with"],
  ["the running stack", ATTENDED, "stack", "See it with"],
  ["no process", UNATTENDED, "own", "No process works on it; do its work with"],
  ["an API without workers", UNATTENDED, "named", "It waits for a process to work on it: there is no producer"],
] as const)("says which process continues a batch: %s", (_, status, kind, words) => {
  expect(whoGoesOn(status, kind)).toContain(words);
  expect(whoGoesOn(status, kind)).toMatch(/: darkroom watch 01k9z+$/);
});

it.each([
  ["it has ended", ENDED, "own", /^It has ended\. See it with: darkroom status 01k9z+$/],
  [
    "a process ends it",
    ATTENDED,
    "own",
    /^It has not ended yet: 1 portrait is left\. Finish it with: darkroom watch 01k9z+$/,
  ],
  ["a stack ends it", ATTENDED, "stack", /^See it with: darkroom status 01k9z+$/],
  ["no process is there", UNATTENDED, "own", /write its report; do that with: darkroom watch 01k9z+$/],
  ["an API without a producer", UNATTENDED, "stack", /^Its end waits for a process.*darkroom watch 01k9z+$/],
] as const)("says what ends a cancelled batch: %s", (_, status, kind, words) => {
  expect(whoEnds(status, kind)).toMatch(words);
});
