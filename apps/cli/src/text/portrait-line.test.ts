import { expect, test } from "vitest";
import { portraitLine, type ListedPortrait } from "./portrait-line.ts";

const NAME = "departments/engineering/berlin/anna-schmidt-0001.jpg";
const FAILED: ListedPortrait = {
  index: "3",
  state: "failed",
  name: NAME,
  code: "invalid_image",
  messages: ["the picture cannot be read, it is damaged or its end is missing; copy it again or save it anew"],
};

test("outside a terminal a portrait is one line, in full", () => {
  const line = portraitLine(FAILED, undefined);
  expect(line).toContain(`${NAME}  invalid_image: the picture`);
  expect(line).not.toContain("\n");
});

test.each([60, 80, 120])("in a terminal of %i columns no line is longer, and a cut name has a sign", (width) => {
  const lines = portraitLine(FAILED, width).split("\n");
  expect(lines.every((line) => line.length <= width)).toBe(true);
  expect(lines[0]).toMatch(width < 100 ? /^ +3 {2}failed {5}depa.*….*\.jpg +invalid_image$/ : /-0001\.jpg/);
  expect(lines.slice(1).join(" ").replace(/ +/g, " ").trim()).toBe(FAILED.messages[0]);
});

test("a short outcome stays on its line", () => {
  const done = { index: "0", state: "succeeded", name: "a.jpg", code: "ok", messages: [] };
  expect(portraitLine(done, 80)).toMatch(/^ {6}0 {2}succeeded {2}a\.jpg +ok$/);
});
