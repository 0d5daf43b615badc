import { expect, test } from "vitest";
import { endsAfterDeathAlone, isSuspect } from "./deaths.ts";

test.each([
  { all: 0, alone: 0, suspect: false, ends: false },
  { all: 1, alone: 0, suspect: false, ends: false },
  { all: 2, alone: 0, suspect: true, ends: false },
  { all: 24, alone: 0, suspect: true, ends: false },
  { all: 0, alone: 1, suspect: true, ends: false },
  { all: 2, alone: 2, suspect: true, ends: false },
  { all: 2, alone: 3, suspect: true, ends: true },
  { all: 0, alone: 4, suspect: true, ends: true },
])("$all deaths among others and $alone alone: suspect $suspect, ends $ends", ({ suspect, ends, ...deaths }) => {
  expect(isSuspect(deaths)).toBe(suspect);
  expect(endsAfterDeathAlone(deaths)).toBe(ends);
});
