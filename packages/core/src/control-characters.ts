// oxlint-disable-next-line no-control-regex -- this pattern matches control characters
const CONTROL = /[\u0000-\u001f\u007f]/;

// oxlint-disable-next-line no-control-regex -- this pattern matches control characters
const TERMINAL_CONTROL = /[\u0000-\u001f\u007f-\u009f]/;

/** True if a text contains an ASCII control character, such as a tab or a line break. */
export function hasControlCharacter(text: string): boolean {
  return CONTROL.test(text);
}

/** True if a text contains a character that some terminals execute: ASCII control characters, and 0x80 to 0x9f (C1). */
export function hasTerminalControl(text: string): boolean {
  return TERMINAL_CONTROL.test(text);
}
