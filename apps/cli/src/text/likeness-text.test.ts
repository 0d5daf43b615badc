import { expect, test } from "vitest";
import { statusText } from "./batch-line.ts";
import { testStatus } from "../test-kit/test-status.ts";

const NOTHING = { compared: 13, least: 91, median: 97, review: 0, findings: {}, tone: null };

test.each([
  [NOTHING, "likeness 97 of 100 in the middle, 91 at least; nothing to look at"],
  [
    { ...NOTHING, least: 31, review: 2, findings: { another_person: 1, skin_tone: 2 }, tone: "the skin gets lighter" },
    "likeness 97 of 100 in the middle, 31 at least; look at 2: 1 another person, 2 skin tone (column review of the report); the skin gets lighter",
  ],
  [{ ...NOTHING, least: null, median: null }, "13 compared, none with a clear face; nothing to look at"],
])("shows how much results look like their photos", (likeness, expected) => {
  const status = testStatus({ succeeded: 13 }, { state: "completed", likeness });
  expect(statusText(status, null)).toContain(`\nfaces      ${expected}\n`);
});

test("shows nothing if no face was compared", () => {
  expect(statusText(testStatus({ succeeded: 13 }, { state: "completed" }), null)).not.toMatch(/^faces/m);
});
