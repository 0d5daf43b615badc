import { expect, test } from "vitest";
import { hasControlCharacter, hasTerminalControl } from "./control-characters.ts";

test.each<[string, string, boolean, boolean]>([
  ["letters of any language", "Zoë Müller 写真 👩🏽‍🎨", false, false],
  ["a tab", "a\tb", true, true],
  ["a line break", "a\nb", true, true],
  ["NUL", "a\u0000b", true, true],
  ["an escape", "\u001b[31m", true, true],
  ["DEL", "\u007f", true, true],
  ["a C1 control", "\u009b31m", false, true],
  ["a no-break space", "\u00a0", false, false],
])("finds control characters in %s", (_, text, control, terminal) => {
  expect(hasControlCharacter(text)).toBe(control);
  expect(hasTerminalControl(text)).toBe(terminal);
});
