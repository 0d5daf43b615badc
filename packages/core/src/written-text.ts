import { z } from "zod";
import { hasTerminalControl } from "./control-characters.ts";

/**
 * A line of user text, such as a name or a reason, which terminals, pages and JSON can show unchanged: no control
 * characters, and no half of a surrogate pair.
 */
export function lineSchema(maxChars: number) {
  return written(maxChars, "must be one line without control characters", hasTerminalControl);
}

/** Like {@link lineSchema}, but allows line breaks and tabs: a note, a prompt, an answer. */
export function textSchema(maxChars: number) {
  return written(maxChars, "must contain no control characters except tabs and line breaks", (text) =>
    hasTerminalControl(text.replaceAll(/[\t\n\r]/g, "")),
  );
}

function written(maxChars: number, rule: string, isRefused: (text: string) => boolean) {
  return z
    .string()
    .trim()
    .min(1)
    .max(maxChars)
    .refine((text) => !isRefused(text), { error: rule })
    .refine((text) => text.isWellFormed(), { error: "contains half of a character (an unpaired surrogate)" });
}
