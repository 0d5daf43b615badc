import { expect, test } from "vitest";
import type { OutcomeCode } from "@darkroom/core";
import { failureReasons, reasonsText } from "./failure-reasons.ts";

const failed = (code: OutcomeCode, message: string, id: string | null = null) => ({
  id,
  source: "photo.jpg",
  outcome: { code, message },
});

const MODE = 'mode "turbo" is not known; use max, eco';

test.each([
  ["one bad row", [failed("invalid_row", `line 3, column mode: ${MODE}`)], 1, `1: ${MODE} (line 3)`],
  [
    "bad rows with the same mistake",
    [3, 5, 9, 11].map((line) => failed("invalid_row", `line ${line}, column mode: ${MODE}`, `id-${line}`)),
    4,
    `4: ${MODE} (line 3, line 5, line 9, line 11)`,
  ],
  [
    "more mistakes than are shown",
    [
      failed("invalid_row", "line 3: this line is not valid JSON; check its quotes"),
      failed("invalid_row", `line 4, column mode: ${MODE}`),
      failed("invalid_row", "line 5, column source: this row has no source; name its photo"),
    ],
    40,
    `1: this line is not valid JSON; check its quotes (line 3); 1: ${MODE} (line 4); and 38 more`,
  ],
  [
    "photos of a folder with one name",
    [failed("invalid_row", '"a.heic" and "a.jpg" would both be stored as "a.jpg"; rename one of them', "a.jpg")],
    1,
    '1: "a.heic" and "a.jpg" would both be stored as "a.jpg"; rename one of them (a.jpg)',
  ],
  [
    "another code",
    [failed("source_missing", "line 3: is a file's name", "ana")],
    1,
    "1: line 3: is a file's name (ana)",
  ],
])("tells %s in words", (_, portraits, count, text) => {
  const [reasons = []] = [...failureReasons(portraits).values()];
  expect(reasonsText(reasons, count)).toBe(text);
});

test("omits portraits without a message", () => {
  expect([...failureReasons([failed("timeout", ""), { id: "a", source: "a.jpg", outcome: null }])]).toEqual([]);
});
